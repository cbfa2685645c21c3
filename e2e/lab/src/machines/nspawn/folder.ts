import { join } from 'node:path';

import type { Lab } from '../../lab.ts';
import { machinesDir } from '../machines-dir.ts';

/** Folder of one machine: `upper` (what differs from its layers), `work`, `root` (mount point), `state` (/var/lib/k0s). */
export function machineFolder(lab: Lab, index: number): string {
  return join(machinesDir(lab), String(index));
}
