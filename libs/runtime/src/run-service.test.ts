import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@k0smotron/kube';
import { runService, type ProcessPort } from './run-service.ts';

function aProcess(...argv: readonly string[]) {
  const out = { stdout: '', stderr: '', codes: [] as number[] };
  const listeners = new Map<string, () => void>();
  const host: ProcessPort = {
    argv: ['node', 'main', ...argv],
    env: {},
    stdout: { write: (text) => (out.stdout += text) },
    stderr: { write: (text) => (out.stderr += text) },
    exit: (code) => void out.codes.push(code),
    on: (signal, listener) => listeners.set(signal, listener),
  };
  return { out, host, kill: (signal: string) => listeners.get(signal)?.() };
}

describe('runService', () => {
  it('prints help and version and ends well', async () => {
    const help = aProcess('--help');
    await runService({ name: 'toy', main: () => Promise.resolve(), host: help.host });
    expect(help.out).toMatchObject({ stderr: '', codes: [0] });
    expect(help.out.stdout).toContain('--leader-elect');
    const version = aProcess('--version');
    const env = { SERVICE_VERSION: 'v3.0.0' }; // by the image
    await runService({ name: 'toy', main: () => Promise.resolve(), host: { ...version.host, env } });
    expect(version.out).toEqual({ stdout: 'k0smotron-toy v3.0.0\n', stderr: '', codes: [0] });
  });

  it.each([
    [['--nonsense'], undefined, 'k0smotron-toy: unknown flag --nonsense: see --help\n'],
    [[], new ConfigError('kubeconfig x: no such file'), 'k0smotron-toy: kubeconfig x: no such file\n'],
    [[], new Error('two\nlines'), 'k0smotron-toy: ended by an error: two lines\n'],
  ])('says in one line why it ends, exit code 1: %j %s', async (argv, error, stderr) => {
    const { host, out } = aProcess(...argv);
    const main = (): Promise<void> => (error ? Promise.reject(error) : Promise.resolve());
    await runService({ name: 'toy', main, host });
    expect(out).toEqual({ stdout: '', stderr, codes: [1] });
  });

  it('aborts its signal on SIGTERM and ends at once on the second', async () => {
    const { host, out, kill } = aProcess();
    const main = async (_: unknown, signal: AbortSignal): Promise<void> => {
      setImmediate(() => kill('SIGTERM'));
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    await runService({ name: 'toy', main, host });
    expect(out.codes).toEqual([0]);
    kill('SIGTERM');
    expect(out.codes).toEqual([0, 1]);
  });
});
