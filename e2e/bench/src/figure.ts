/** One measured figure, with what the Go original showed in the same environment (sandbox.md §5) and what we aim at. */
export interface Figure {
  readonly work: string;
  readonly value: number;
  readonly unit: 's' | 'MB';
  readonly original?: string;
  readonly aim?: string;
}

/** Seconds that a piece of work took, with its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const startedAt = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedAt) / 1000, result };
}
