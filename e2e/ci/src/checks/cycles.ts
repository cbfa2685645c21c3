import { posix } from 'node:path';
import ts from 'typescript';
import { readSources, type SourceFile } from './source-files.ts';

type Imports = ReadonlyMap<string, readonly string[]>;

/** Fails when files import each other in a circle, for types too: such files can only be understood together. */
export async function checkCycles(): Promise<number> {
  const files = await readSources(['{apps,libs,e2e}/*/{src,test,testing,generate}/**/*.ts']);
  const circles = findCycles(files);
  for (const circle of circles) console.error(`✗ circle: ${circle.join(' → ')}`);
  console.log(`cycles: ${files.length} files, ${circles.length} circles`);
  return circles.length === 0 ? 0 : 1;
}

/**
 * One circle of each group of files that reach each other by relative imports, from a file back to itself. Rooms cannot
 * form one: the layer rule of lint sees to that.
 */
export function findCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const imports: Imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const told = new Set<string>();
  const circles: (readonly string[])[] = [];
  for (const path of imports.keys()) {
    if (told.has(path)) continue;
    const circle = wayBack(path, imports);
    if (!circle) continue;
    circles.push(circle);
    for (const member of circle) told.add(member);
  }
  return circles;
}

/** Files that this one imports, re-exports or loads later. */
function importsOf({ path, text }: SourceFile): readonly string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(path), name));
}

/** The shortest way from a file to itself, found breadth first. */
function wayBack(start: string, imports: Imports): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[start]];
  for (const way of ways) {
    for (const next of imports.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
