import { execFileSync } from 'node:child_process';
import { TerminalError } from '@k0smotron/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { flagValue, isSingle, mergeArgs, runsWorker } from './arguments.ts';
import { shellJoin, shellQuote } from './shell.ts';

/** What a real shell makes of the arguments. */
const wordsOf = (line: string, env: Record<string, string> = {}): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { env: { ...process.env, ...env } })
    .toString('utf8')
    .split('\0')
    .slice(0, -1);

const merge = (args: string[], over: Partial<Parameters<typeof mergeArgs>[0]> = {}): string =>
  mergeArgs({ args, machineName: 'm-0', runsKubelet: true, useSystemHostname: false, ...over }).join(' ');

describe('mergeArgs', () => {
  it('names the node after its Machine, by label and by host name', () => {
    expect(wordsOf(merge([]))).toEqual([
      '--labels=k0smotron.io/machine-name=m-0',
      '--kubelet-extra-args=--hostname-override=m-0',
    ]);
  });

  it('keeps the host’s own name when asked to', () => {
    expect(wordsOf(merge([], { useSystemHostname: true }))).toEqual(['--labels=k0smotron.io/machine-name=m-0']);
  });

  it('gives a controller without kubelet only what the user wrote', () => {
    expect(wordsOf(merge(['--debug', '--data-dir /x y'], { runsKubelet: false }))).toEqual([
      '--debug',
      '--data-dir',
      '/x',
      'y',
    ]);
  });

  it.each([
    ['quoted', ['--kubelet-extra-args="--node-ip=10.0.0.1 --v=2"']],
    ['single-quoted', [`--kubelet-extra-args='--node-ip=10.0.0.1 --v=2'`]],
    ['in two flags', ['--kubelet-extra-args=--node-ip=10.0.0.1', '--kubelet-extra-args --v=2']],
    ['in two words', ['--kubelet-extra-args "--node-ip=10.0.0.1 --v=2"']],
  ])('merges kubelet arguments that are %s', (_, args) => {
    expect(wordsOf(merge(args)).at(-1)).toBe('--kubelet-extra-args=--hostname-override=m-0 --node-ip=10.0.0.1 --v=2');
  });

  it('merges the user’s labels with the Machine’s', () => {
    expect(wordsOf(merge(['--labels=a=b,c=d', '--profile=big', '--labels', 'e=f']))[0]).toBe(
      '--labels=k0smotron.io/machine-name=m-0,a=b,c=d,e=f',
    );
  });

  it('lets the host’s shell expand what the user wrote for it', () => {
    const line = merge(['--kubelet-extra-args="--node-ip=$NODE_IP"', '--profile=$(echo "big one")', "--x='$NODE_IP'"]);
    const words = wordsOf(line, { NODE_IP: '10.0.0.7' });
    expect(words.at(-1)).toBe('--kubelet-extra-args=--hostname-override=m-0 --node-ip=10.0.0.7');
    expect(words).toContain('--x=$NODE_IP');
  });

  it('keeps a command substitution within kubelet arguments whole', () => {
    const line = merge([`--kubelet-extra-args="--node-ip=$(echo 1.2.3.4 5 | awk '{print $1}')"`]);
    expect(wordsOf(line).at(-1)).toBe('--kubelet-extra-args=--hostname-override=m-0 --node-ip=1.2.3.4');
  });

  it('runs nothing that is hidden in a Machine’s name', () => {
    const words = wordsOf(merge([], { machineName: `a'; touch /nowhere; echo "$(id)` }));
    expect(words[0]).toBe(`--labels=k0smotron.io/machine-name=a'; touch /nowhere; echo "$(id)`);
  });

  it('refuses quotes that do not close', () => {
    expect(() => merge([`--labels="a=b`])).toThrow(TerminalError);
  });
});

describe('reading arguments', () => {
  it.each([
    [['--enable-worker'], true],
    [['--enable-worker=true'], true],
    [['--enable-worker=false'], false],
    [['--single'], true],
    [['--debug --enable-worker'], true],
    [['--enable-worker-foo'], false],
    [[], false],
  ])('%j runs a kubelet: %s', (args, expected) => {
    expect(runsWorker(args)).toBe(expected);
  });

  it('finds a flag’s value in both forms', () => {
    expect(flagValue(['--data-dir=/a'], '--data-dir')).toBe('/a');
    expect(flagValue(['--data-dir', '/b c'], '--data-dir')).toBe('/b');
    expect(flagValue(['--data-dir "/b c"'], '--data-dir')).toBe('/b c');
    expect(isSingle(['--single=false'])).toBe(false);
  });
});

describe('shellQuote', () => {
  it('survives a real shell, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (words) => {
        const clean = words.map((word) => word.replaceAll('\0', ''));
        expect(wordsOf(shellJoin(clean))).toEqual(clean);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves plain words as they are', () => {
    expect(shellQuote('--data-dir=/var/lib/k0s')).toBe('--data-dir=/var/lib/k0s');
    expect(shellQuote('')).toBe(`''`);
  });
});
