// Writes everything that is generated from the declarations; with --check only compares (ER-10).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declarations } from '../src/declarations/index.ts';
import { renderCrds } from './crds.ts';
import { renderDocs } from './docs.ts';
import { differences, writeFolder } from './folders.ts';
import { renderTypes } from './types.ts';

const root = join(import.meta.dirname, '../../..');

const folders = [
  { path: 'libs/api/src/generated', files: renderTypes(declarations) },
  ...renderCrds('deploy/providers', declarations),
  { path: 'docs/reference/kinds', files: renderDocs(declarations) },
];

function check(): void {
  const fresh = mkdtempSync(join(tmpdir(), 'k0smotron-generate-'));
  try {
    for (const folder of folders) writeFolder(fresh, folder);
    const stale = folders.flatMap((folder) => differences(fresh, root, folder));
    for (const line of stale) console.error(line);
    if (stale.length > 0) {
      console.error('Generated files are stale: run `npm run generate` and commit the result');
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) check();
else for (const folder of folders) writeFolder(root, folder);
