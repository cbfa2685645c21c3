import { execFile } from 'node:child_process';

import { LabError } from './lab-error.ts';

/** Where and with what a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/**
 * Runs a program to its end and returns its standard output.
 * @throws LabError with the last lines of its standard error.
 */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 0,
        maxBuffer: 256 * 1024 * 1024,
        encoding: 'utf8',
      },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else
          reject(
            new LabError(`${command} ${args.slice(0, 4).join(' ')}: ${lastLines(stderr) || error.message}`, {
              cause: error,
            }),
          );
      },
    );
    child.stdin?.on('error', () => undefined); // it may exit without reading
    child.stdin?.end(options.input ?? '');
  });
}

/** The end of a program's output, for messages. */
export function lastLines(text: string, count = 8): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
