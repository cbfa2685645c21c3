const started = Date.now();

/** Writes one progress line to stderr, with the seconds since this process started. */
export function progress(text: string): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`lab ${seconds}s  ${text}\n`);
}
