import { spawn } from 'node:child_process';

/**
 * Runs a command with our standard streams and gives its exit code; a signal counts as 1.
 * @throws Error when we are asked to stop meanwhile: whatever was to come next is not wanted any more.
 */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    let stoppedBy: NodeJS.Signals | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      stoppedBy = signal;
      // Ctrl-C reaches the whole foreground group by itself; we only have to outlive the child.
      if (signal !== 'SIGINT') child.kill(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      if (stoppedBy) reject(new Error(`Stopped by ${stoppedBy}`));
      else resolve(code ?? 1);
    });
  });
}
