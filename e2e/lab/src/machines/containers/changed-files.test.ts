import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { describeCommand, parseDescriptions, parseDiff } from './changed-files.ts';

describe('files that a container changed', () => {
  it('are told apart from those that it removed', () => {
    expect(parseDiff('C /etc\nA /etc/a file\nD /etc/debian_version\n')).toEqual({
      present: ['/etc', '/etc/a file'],
      removed: ['/etc/debian_version'],
    });
    expect(parseDiff('')).toEqual({ present: [], removed: [] });
  });

  it('are described by the command in the words of listFiles, and what is gone is left out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'changed-'));
    try {
      mkdirSync(join(folder, 'apart/state'), { recursive: true });
      writeFileSync(join(folder, "it's a file"), '1234');
      symlinkSync('apart', join(folder, 'link'));
      const paths = ["it's a file", 'link', 'gone'].map((name) => join(folder, name));
      const command = describeCommand([join(folder, 'apart')]);
      const { stdout, status } = spawnSync('sh', ['-c', command], { input: paths.join('\n'), encoding: 'utf8' });
      expect(status).toBe(0);
      expect([...parseDescriptions(stdout)]).toEqual([
        [paths[0], 'file 4'],
        [paths[1], 'link apart'],
        [join(folder, 'apart/state'), 'folder'],
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('may be of other types', () => {
    expect(parseDescriptions('p\u00000\0/run/pipe\0\0')).toEqual(new Map([['/run/pipe', 'other']]));
  });
});
