import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { zipOf } from '../../test/zip-of.ts';
import { unzip } from './unzip.ts';

describe('unzip', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unzip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('unpacks files under the names that it is given, and leaves others out', () => {
    const archive = zipOf({ 'm@v1/bin/go': 'program', 'm@v1/src/a/_go.mod': 'module a', 'else/where': 'no' });
    unzip(archive, folder, (name) => (name.startsWith('m@v1/') ? name.slice(5).replace('_go.', 'go.') : undefined));
    expect(readFileSync(join(folder, 'bin/go'), 'utf8')).toBe('program');
    expect(readFileSync(join(folder, 'src/a/go.mod'), 'utf8')).toBe('module a');
    expect(readdirSync(folder).sort()).toEqual(['bin', 'src']);
  });

  it('writes nothing outside its folder', () => {
    unzip(zipOf({ '../../outside': 'x' }), join(folder, 'in'), (name) => name);
    expect(existsSync(join(folder, 'outside'))).toBe(false);
    expect(readFileSync(join(folder, 'in/outside'), 'utf8')).toBe('x');
  });

  it('refuses a damaged file and what is no archive', () => {
    const archive = zipOf({ file: 'some content that is long enough' });
    archive.writeUInt8(archive.readUInt8(40) ^ 1, 40);
    expect(() => unzip(archive, folder, (name) => name)).toThrow();
    expect(() => unzip(Buffer.from('<html>not found</html>'), folder, (name) => name)).toThrow('no zip archive');
  });
});
