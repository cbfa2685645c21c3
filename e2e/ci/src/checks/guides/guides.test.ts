import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resultsFile } from '../../jest.ts';
import { copyTree } from './copy-tree.ts';
import { blocksOf, changed, follow, type GuideBlock } from './follow.ts';

/** In this order, since the second builds on the first. */
const guides = ['kind', 'controller', 'step'];

describe('who follows the guides', () => {
  let tree = '';
  let blocks: readonly GuideBlock[] = [];
  let generated = '';

  const node = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: tree,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return status === 0 ? '' : `exit code ${status}\n${stdout}${stderr}`;
  };
  /** What went wrong; that a file is not found is no success. */
  const jest = async (room: string, ...files: readonly string[]): Promise<string> => {
    const said = node('e2e/ci/src/main.ts', 'jest', '--project', room, '--runTestsByPath', ...files);
    const results = await readFile(join(tree, resultsFile(room, 'unit')), 'utf8');
    const { numPassedTestSuites: passed } = JSON.parse(results) as { readonly numPassedTestSuites: number };
    return said || (passed === files.length ? '' : `${passed} of ${files.length} files ran`);
  };

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'k0smotron-guides-'));
    await copyTree(tree);
    const texts = await Promise.all(guides.map((name) => readFile(`docs/guide/how-to-add-a-${name}.md`, 'utf8')));
    blocks = texts.flatMap(blocksOf);
    for (const block of blocks) await follow(block, tree);
    generated = node('e2e/ci/src/main.ts', 'generate');
  }, 120_000);

  afterAll(() => rm(tree, { recursive: true, force: true }));

  it('can generate, and finds CRD and rights written', async () => {
    expect(generated).toBe('');
    const crd = 'deploy/providers/infrastructure/crds/infrastructure.cluster.x-k8s.io_hostnotes.yaml';
    expect(await readFile(join(tree, crd), 'utf8')).toContain('What people should know about it.');
    expect(await readFile(join(tree, 'deploy/providers/infrastructure/rbac.yaml'), 'utf8')).toContain(
      'hostnotes/status',
    );
  });

  it('has types that fit', () => {
    expect(node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')).toBe('');
  }, 120_000);

  it('has tests that pass, those of the guides and those that hold every kind and controller to our rules', async () => {
    const tests = blocks.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
    const of = (room: string) => tests.filter((path) => path.startsWith(`${room}/`));
    expect(tests).toHaveLength(guides.length);
    expect(await jest('libs/api', ...of('libs/api'), 'libs/api/src/declarations/declarations.test.ts')).toBe('');
    expect(await jest('apps/infrastructure', ...of('apps/infrastructure'))).toBe('');
    expect(await jest('e2e/ci', 'e2e/ci/src/conditions-page.test.ts')).toBe('');
  }, 120_000);
});

describe('a change in a guide', () => {
  const change = (text: string, ...lines: readonly string[]) => changed(text, { path: 'a.ts', lines });

  it('is made where its old lines stand', () => {
    expect(change('a\nb\nc\n', ' b', '+x')).toBe('a\nb\nx\nc\n');
    expect(change('a\nb\n', '-a', '+x', ' b')).toBe('x\nb\n');
  });

  it('is out of date when its old lines are gone, or stand twice', () => {
    expect(() => change('a\n', ' b', '+x')).toThrow('a.ts has 0 places');
    expect(() => change('b\na\nb\n', ' b', '+x')).toThrow('a.ts has 2 places');
  });
});
