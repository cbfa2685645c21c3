/** Units and how many digits after the point say something. */
const digits = { '': 0, s: 1, MB: 0, '/min': 0, 's/min': 2 } as const;

/** One measured figure, with what the Go original showed in the same environment (sandbox.md §5) and what we aim at. */
export interface Figure {
  readonly work: string;
  readonly value: number;
  readonly unit: keyof typeof digits;
  readonly original?: string;
  readonly aim?: string;
}

/** Seconds that a piece of work took, with its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const startedAt = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedAt) / 1000, result };
}

/** Value and unit. */
export const textOf = ({ value, unit }: Figure): string => `${value.toFixed(digits[unit])} ${unit}`.trim();
