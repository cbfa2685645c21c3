import { join } from 'node:path';

import type { Lab } from '../../lab.ts';
import type { MachineNetwork } from '../network.ts';
import { machinesDir } from '../machines-dir.ts';

/** Folder of one machine: `upper` (what differs from its layers), `work`, `root` (mount point), `state` (/var/lib/k0s). */
export function machineFolder(lab: Lab, index: number): string {
  return join(machinesDir(lab), String(index));
}

/** Address of a lab's n-th machine; the first ten stay free for the host's own use. */
export function addressOf(network: MachineNetwork, index: number): string {
  return `${network.prefix}.${10 + index}`;
}
