import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundle } from './bundle.ts';

const app = join(import.meta.dirname, '../../../apps/infrastructure');
let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bundle-'));
  expect(await bundle(app, dir)).toBe(0);
  file = join(dir, 'infrastructure.cjs');
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('a bundle', () => {
  it('starts', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [file, '--help']);
    expect(stdout).toContain('--leader-elect');
  });

  it('is small and in ASCII, since Node keeps its text in memory', async () => {
    const text = await readFile(file);
    expect(text.findLastIndex((byte) => byte > 0x7f)).toBe(-1);
    expect(text.length).toBeLessThan(3_200_000);
  });

  it('has no compilers of schemas and nothing of undici that no service uses', async () => {
    const { sources } = JSON.parse(await readFile(`${file}.map`, 'utf8')) as { sources: string[] };
    expect(sources.filter((path) => /\/(ajv|zod|fast-json-stringify-compiler)\/|undici\/lib\/mock/.test(path))).toEqual(
      [],
    );
  });

  it('has a source map that leads from dist to our sources, wherever it was written', async () => {
    const { sources } = JSON.parse(await readFile(`${file}.map`, 'utf8')) as { sources: string[] };
    expect(sources).toContain('../../../libs/runtime/src/run-service.ts');
  });
});
