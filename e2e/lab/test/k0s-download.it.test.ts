import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { run } from '../src/command.ts';
import { k0sBinary, k0sVersions } from '../src/machines/k0s-binary.ts';
import { fetchedK0s, k0sReleases } from '../src/machines/k0s-release.ts';
import { startFileHost } from './file-host.ts';
import type { FileHost } from './file-host.ts';

const content = '#!/bin/sh\necho v1.40.0+k0s.0\n';
const program = 'usr/local/bin/k0s';

describe('k0s from its official releases', () => {
  const before = { ...process.env };
  let scratch = '';
  let host: FileHost;
  const folder = (): string => join(scratch, 'k0s');
  const unpacked = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);
  const sums = (sha256: string) => ({ 'v1.40.0+k0s.0': { [process.arch]: sha256 } });

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'k0s-less-'));
    host = await startFileHost(() => content);
    for (const name of ['K0S_DIR', 'K0SMOTRON_LAB_K0S']) delete process.env[name];
    Object.assign(process.env, { K0SMOTRON_CACHE: scratch, K0SMOTRON_LAB_K0S_URL: host.url });
  });
  afterEach(async () => {
    for (const name of ['K0SMOTRON_CACHE', 'K0SMOTRON_LAB_K0S_URL']) delete process.env[name];
    Object.assign(process.env, before);
    await host.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('is downloaded once, can be run, and is found in the cache from then on', async () => {
    const known = sums(createHash('sha256').update(content).digest('hex'));
    const path = await fetchedK0s('v1.40.0+k0s.0', { folder: folder(), program }, known);
    expect(await run(path ?? '', [])).toBe('v1.40.0+k0s.0\n');
    await expect(fetchedK0s('v1.40.0+k0s.0', { folder: folder(), program }, known)).resolves.toBe(path);
    expect(host.asked).toEqual([expect.stringMatching(/^\/v1\.40\.0\+k0s\.0\/k0s-v1\.40\.0\+k0s\.0-a(md|rm)64$/)]);
    expect(k0sVersions()).toEqual(['v1.40.0+k0s.0']);
    await expect(k0sBinary('v1.40.0+k0s.0')).resolves.toMatchObject({ path, source: 'cache' });
  });

  it('is refused when its sha256 is another one: no stand-in takes its place, and nothing of it stays', async () => {
    await expect(k0sBinary('v1.35.8+k0s.0')).rejects.toThrow(
      /^k0s v1\.35\.8\+k0s\.0 from 127\.0\.0\.1:\d+ is refused: its sha256 is/,
    );
    expect(unpacked()).toEqual([]);
  });

  it('gives way to the stand-in where the releases cannot be reached', async () => {
    await host.close();
    await expect(k0sBinary()).resolves.toMatchObject({ source: 'stand-in' });
    expect(unpacked()).toEqual([]);
    await expect(k0sBinary('v1.99.0+k0s.0')).rejects.toThrow(/set K0S_DIR/);
  });

  it('is known by a sha256 for both architectures', () => {
    for (const known of Object.values(k0sReleases)) {
      expect(Object.keys(known).sort()).toEqual(['arm64', 'x64']);
      for (const sha256 of Object.values(known)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
