import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { run } from './run.ts';

describe('run', () => {
  it('gives the exit code', async () => {
    expect(await run('sh', ['-c', 'exit 3'])).toBe(3);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('begins nothing more after %s', async (signal) => {
    const twice = `
      import { run } from '${import.meta.dirname}/run.ts';
      process.on('${signal}', () => console.log('asked'));
      await run('sh', ['-c', 'echo first; while :; do read -r line || exit; done']).catch((e) => console.log(e.message));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', twice], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child.stdout, 'data');
    const closed = once(child, 'close');
    child.kill(signal);
    await once(child.stdout, 'data');
    child.stdin.end(); // as Ctrl-C ends the command itself
    await closed;
    expect(said).toBe(`first\nasked\nStopped by ${signal}\n`);
  });
});
