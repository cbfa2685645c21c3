/**
 * Gives back a function that runs work at once while fewer than `atOnce` run, and the rest in the order in which it came.
 * What work throws is thrown again, and the next is run all the same.
 */
export function inTurn(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let places = atOnce;
  return async (work) => {
    if (places > 0) places -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve)); // who ends hands the place on
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else places += 1;
    }
  };
}
