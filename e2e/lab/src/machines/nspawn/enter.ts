import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { CommandResult } from '../machine.ts';

const script = fileURLToPath(new URL('enter.sh', import.meta.url));

/** Runs a shell command in all namespaces of a process, as root, with root's environment and nothing of ours. */
export function enter(leader: number, command: string): Promise<CommandResult> {
  const child = spawn('sh', [script, String(leader), command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`enter the machine: ${cause.message}`, { cause })));
    child.once('close', (code, signal) => {
      resolve({
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}
