interface Phase {
  readonly title: string;
  readonly seconds: number;
}

/** Progress for people: what is going on, what came of it, and how long each part took. */
export class Phases {
  readonly #done: Phase[] = [];

  /** Runs one part; `say` prints a line of detail below its title. */
  async run<T>(title: string, work: (say: (line: string) => void) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1000;
    console.log(`▸ ${title}`);
    const still = setInterval(() => console.log(`  … ${elapsed().toFixed(0)} s`), 10_000);
    try {
      const result = await work((line) => console.log(`  ${line}`));
      console.log(`✓ ${title} (${elapsed().toFixed(1)} s)`);
      this.#done.push({ title, seconds: elapsed() });
      return result;
    } finally {
      clearInterval(still);
    }
  }

  /** A table of all parts. */
  summary(): void {
    const width = Math.max(...this.#done.map(({ title }) => title.length));
    console.log('\nTime per phase');
    for (const { title, seconds } of this.#done)
      console.log(`  ${title.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`);
  }
}
