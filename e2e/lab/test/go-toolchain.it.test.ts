import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { defaultProxy, fetchedGo, goRelease } from '../src/binaries/go-toolchain.ts';
import { findGo } from '../src/binaries/go.ts';
import { run } from '../src/command.ts';
import { startFileHost } from './file-host.ts';
import type { FileHost } from './file-host.ts';
import { zipOf } from './zip-of.ts';

const module = 'golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64';
const zip = zipOf({ [`${module}/bin/go`]: '#!/bin/sh\necho fake\n', [`${module}/pkg/tool/linux_amd64/link`]: '' });
const releaseWith = (sha256: string) => ({ version: '1.99.0', builds: { [process.arch]: { arch: 'amd64', sha256 } } });
const rightSum = createHash('sha256').update(zip).digest('hex');
const realProxy = process.env['GOPROXY']?.split(/[,|]/)[0] || defaultProxy;

/** True where this host reaches a module proxy that has the Go we want. */
const reachable = await fetch(`${realProxy}/golang.org/toolchain/@v/v0.0.1-go${goRelease.version}.linux-amd64.mod`, {
  signal: AbortSignal.timeout(10_000),
}).then(
  ({ ok }) => ok,
  () => false,
);

describe('Go on a host without it', () => {
  const before = { ...process.env };
  let scratch = '';
  let proxy: FileHost;

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'go-less-'));
    proxy = await startFileHost((path) =>
      path === '/golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip' ? zip : undefined,
    );
    // What Debian 12 has: a Go, but one that is too old to be used.
    const old = join(scratch, 'old');
    mkdirSync(old);
    writeFileSync(join(old, 'go'), '#!/bin/sh\necho go version go1.19.8 linux/amd64\n');
    chmodSync(join(old, 'go'), 0o755);
    const systemOnly = (before['PATH'] ?? '').split(':').filter((folder) => !existsSync(join(folder, 'go')));
    Object.assign(process.env, {
      PATH: [old, ...systemOnly].join(':'),
      K0SMOTRON_CACHE: join(scratch, 'cache'),
      GOPROXY: proxy.url,
    });
  });
  afterEach(async () => {
    for (const name of ['PATH', 'K0SMOTRON_CACHE', 'GOPROXY']) delete process.env[name];
    Object.assign(process.env, before);
    await proxy.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const cached = (): string[] => (existsSync(join(scratch, 'cache/go')) ? readdirSync(join(scratch, 'cache/go')) : []);

  it('comes from the first proxy of GOPROXY that has it, once', async () => {
    const empty = await startFileHost(() => undefined);
    process.env['GOPROXY'] = `http://127.0.0.1:1,${empty.url}/|${proxy.url},direct`;
    const go = await fetchedGo(releaseWith(rightSum));
    expect(await run(go, [])).toBe('fake\n');
    expect(await fetchedGo(releaseWith(rightSum))).toBe(go);
    expect([empty.asked.length, proxy.asked.length]).toEqual([1, 1]);
    await empty.close();
  });

  it('is refused when its sha256 is another one, and nothing of it stays', async () => {
    const wrong = '0'.repeat(64);
    const line = new RegExp(
      `^Go 1\\.99\\.0 from 127\\.0\\.0\\.1:\\d+ is refused: its sha256 is ${rightSum}, and ${wrong}`,
    );
    await expect(fetchedGo(releaseWith(wrong))).rejects.toThrow(line);
    expect(cached()).toEqual([]);
  });

  it('is said to be missing in one line where no proxy has it, without the password of the proxy', async () => {
    process.env['GOPROXY'] = `http://user:hunter2@127.0.0.1:1,${proxy.url}/elsewhere`;
    const failure = await fetchedGo(releaseWith(rightSum)).catch((error: Error) => error.message);
    expect(failure).toMatch(/^there is no Go here and none could be downloaded \(.*status 404.*\): install Go/);
    expect(failure).not.toContain('hunter2');
    process.env['GOPROXY'] = 'off';
    await expect(fetchedGo(releaseWith(rightSum))).rejects.toThrow('GOPROXY names no module proxy');
  });

  (reachable ? it : it.skip)(
    'is brought for real where the installed one is too old, and builds a program (needs a module proxy)',
    async () => {
      process.env['GOPROXY'] = realProxy;
      const { command, env } = await findGo();
      expect(command.startsWith(scratch)).toBe(true);
      const program = join(scratch, 'program');
      mkdirSync(program);
      writeFileSync(join(program, 'go.mod'), `module example\n\ngo ${goRelease.version}\n`);
      writeFileSync(join(program, 'main.go'), 'package main\n\nfunc main() { println("built") }\n');
      await run(command, ['build', '-o', 'program', '.'], { cwd: program, env });
      await expect(run('sh', ['-c', './program 2>&1'], { cwd: program })).resolves.toBe('built\n');
    },
    300_000,
  );
});
