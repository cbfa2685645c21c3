import { spawn } from 'node:child_process';
import { repository } from '../system/repository.ts';

/** Bundles the services through nx, which knows what is still fresh. */
export function ensureBundles(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nx', ['run-many', '-t', 'bundle', '--output-style=static'], {
      cwd: repository,
      // A task of nx runs us, as a rule: two such tasks that bundle side by side would look like a loop to it.
      env: { ...process.env, NX_INVOCATION_ROOT_PID: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`bundling failed:\n${output}`))));
  });
}
