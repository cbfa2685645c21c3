import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { transform } from 'esbuild';
import { withLazyImports } from './lazy-imports.ts';

const modules = new Set(['libs/x/src/ours.ts', 'libs/x/src/other.ts']);
const lazy = (code: string): string => withLazyImports(code, modules);
const runtime = 'var __toESM = (library) => ({ default: library, ...library });';

/** A bundle as esbuild writes it, of one library and what our module does with it. */
const bundleOf = (ours: string, name = 'import_library'): string =>
  [
    runtime,
    'var require_library = () => { loaded.push("library"); return { Thing: class { n = 1; }, make: (n) => n + 1 }; };',
    '// libs/x/src/ours.ts',
    `var ${name} = __toESM(require_library(), 1);`,
    '// libs/x/src/other.ts',
    'var other = 1;',
    '// libs/x/src/ours.ts',
    '// e.g.this',
    ours,
    '// libs/x/src/other.ts',
    'var shadow = ((library) => library.make)({ make: "theirs" });',
  ].join('\n');

function run(code: string): { loaded: string[]; results: unknown[]; shadow?: unknown; use?: () => unknown } {
  const world = { loaded: [], results: [] };
  runInNewContext(code, world);
  return world;
}

describe('a library in a bundle', () => {
  it('is loaded at its first use, once', () => {
    const code = lazy(
      bundleOf('function use() { return [new import_library.Thing().n, (0, import_library.make)(1)]; }'),
    );
    const world = run(code);
    expect(world.loaded).toEqual([]);
    expect(world.use?.()).toEqual([1, 2]);
    world.use?.();
    expect(world.loaded).toEqual(['library']);
  });

  it('is loaded at start when it is imported for its effect alone', () => {
    expect(run(lazy(bundleOf(''))).loaded).toEqual(['library']);
  });

  it('may have a name of ours, which means something else in other modules', () => {
    const code = lazy(bundleOf('function use() { return library.make(1); }', 'library'));
    const world = run(code);
    expect(world.shadow).toBe('theirs');
    expect(world.loaded).toEqual([]);
    expect(world.use?.()).toBe(2);
  });

  it('stays lazy when the bundle is minified afterwards', async () => {
    const code = lazy(bundleOf('function use() { return new import_library.Thing().n; }'));
    const { code: small } = await transform(code, { minifySyntax: true, minifyWhitespace: true });
    const world = run(small);
    expect(world.loaded).toEqual([]);
    expect(world.use?.()).toBe(1);
  });

  it('changes no line numbers', () => {
    const code = bundleOf('function use() { return import_library.make(1); }');
    expect(lazy(code).split('\n')).toHaveLength(code.split('\n').length);
  });
});
