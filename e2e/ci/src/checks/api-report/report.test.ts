import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { reportOf } from './report.ts';

/** Reports on a library of one file, without a disk and without the standard library. */
function report(text: string) {
  const path = '/index.ts';
  const door = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost({}),
    getSourceFile: (name) => (name === path ? door : undefined),
    fileExists: (name) => name === path,
  };
  const program = ts.createProgram([path], { noLib: true }, host);
  return reportOf('x', door, program.getTypeChecker());
}

describe('the report on a library', () => {
  it('has a line for each exported name, in order, without bodies and private parts', () => {
    const { markdown, undocumented } = report(`
      /** Runs it. Once. */
      export function run(times: number, how?: 'fast'): string { return inner(times); }
      /** A thing,
       *  see {@link run}. */
      export class Thing { #secret = 1; private hidden = 2; /** Ends. */ close(): void {} readonly name = ''; }
      /** Settings. */
      export interface Options { readonly a: string; b?: number; c(): void }
      /** Adds. */
      export const add = (n: number): number => n + 1;
      function inner(n: number): string { return String(n); }
    `);
    expect(markdown.split('\n').filter((line) => line.startsWith('-'))).toEqual([
      '- **`Options`** interface `{ a; b?; c() }` — Settings.',
      '- **`Thing`** class `{ close(); name }` — A thing, see `run`.',
      '- **`add`** const `(n: number): number` — Adds.',
      '- **`run`** function `(times: number, how?: "fast"): string` — Runs it.',
    ]);
    expect(undocumented).toEqual([]);
  });

  it('names what has no docstring', () => {
    const { undocumented } = report(`
      export const silent = 1;
      // No docstring either.
      export type Quiet = string;
      /** Speaks. */
      export const loud = 2;
    `);
    expect(undocumented).toEqual(['Quiet', 'silent']);
  });
});
