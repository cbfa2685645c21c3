import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Lab } from '../lab.ts';

/** Folder of everything that a lab keeps about its machines. */
export function machinesDir(lab: Pick<Lab, 'dir'>): string {
  const dir = join(lab.dir, 'machines');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}
