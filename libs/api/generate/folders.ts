import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of the repository that only we write, and what belongs in it. */
export interface GeneratedFolder {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Writes a folder below `root`: nothing else stays in it. */
export function writeFolder(root: string, { path, files }: GeneratedFolder): void {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
}

/** Files of a folder that differ between two roots, one line each; empty when both are the same. */
export function differences(fresh: string, committed: string, { path }: GeneratedFolder): string[] {
  const read = (root: string, name: string) => {
    const file = join(root, path, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const namesIn = (root: string) => (existsSync(join(root, path)) ? readdirSync(join(root, path)) : []);
  const names = [...new Set([...namesIn(fresh), ...namesIn(committed)])].toSorted();
  return names.flatMap((name) => {
    const [wanted, found] = [read(fresh, name), read(committed, name)];
    if (wanted === found) return [];
    if (found === undefined) return [`${path}/${name} is missing`];
    return [wanted === undefined ? `${path}/${name} should not be there` : `${path}/${name} is not up to date`];
  });
}
