import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { installPackages, missingPackages } from './host-tools.ts';

/** On every Debian, or asked for only where it is. */
const always = new Set(['sh', 'tar', 'umount', 'modprobe', 'docker']);

describe('what machines need on the host', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'apt-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An apt-get that writes its arguments down and ends with a code. */
  const aptGet = (code: number): string => {
    const path = join(folder, 'apt-get');
    writeFileSync(path, `#!/bin/sh\necho "$@" >> ${folder}/calls\necho 'E: no such mirror' >&2\nexit ${code}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('is known by its Debian packages, and nothing is missing where everything is', () => {
    expect(missingPackages(() => undefined)).toEqual(
      expect.arrayContaining(['iproute2', 'iptables', 'mmdebstrap', 'systemd-container', 'util-linux', 'xz-utils']),
    );
    expect(missingPackages((program) => `/bin/${program}`)).toEqual(
      existsSync('/usr/share/keyrings/debian-archive-keyring.gpg') ? [] : ['debian-archive-keyring'],
    );
  });

  it('covers every program that the sources of machines start', () => {
    const known: string[] = [];
    missingPackages((program) => void known.push(program));
    const sources = readdirSync('e2e/lab/src/machines', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join('e2e/lab/src/machines', file), 'utf8'));
    const started = sources.flatMap((text) => [...text.matchAll(/\brun\('([a-z-]+)'/g)].map(([, name = '']) => name));
    expect(started.length).toBeGreaterThan(3);
    expect(started.filter((name) => !known.includes(name) && !always.has(name))).toEqual([]);
  });

  it('is installed with apt-get', async () => {
    await installPackages(['mmdebstrap', 'xz-utils'], aptGet(0));
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(
      'update\ninstall --yes --no-install-recommends mmdebstrap xz-utils\n',
    );
  });

  it('is refused in one line where it cannot be installed', async () => {
    await expect(installPackages(['mmdebstrap'], aptGet(100))).rejects.toThrow(
      /^machines need mmdebstrap, and apt-get could not bring them: .*no such mirror$/,
    );
    await expect(installPackages(['mmdebstrap'], '')).rejects.toThrow(
      /^machines need mmdebstrap: install them, there is no apt-get here$/,
    );
  });
});
