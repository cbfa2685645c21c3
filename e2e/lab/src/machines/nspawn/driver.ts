import { basename } from 'node:path';

import { recordComponent } from '../../components.ts';
import { ensureHostTools } from '../host-tools.ts';
import { machineImage } from '../image.ts';
import type { MachineDriver, MachineSpec } from '../machine.ts';
import type { Lab } from '../../lab.ts';
import { makeBridge, openNetwork } from '../network.ts';
import { labSshKey } from '../ssh-key.ts';
import { removeStaleCgroups } from './cgroups.ts';
import { machineFolder } from './folder.ts';
import { writeOwnFiles } from './own-files.ts';
import { NspawnMachine } from './nspawn-machine.ts';

/** Machines as systemd-nspawn containers of this host: one overlayfs each, two seconds from start to login. */
export const nspawnDriver: MachineDriver = {
  kind: 'nspawn',

  async prepare(lab) {
    await ensureHostTools();
    removeStaleCgroups();
    recordComponent(`machines: systemd-nspawn with Debian image ${basename(await machineImage())}`);
    await nspawnDriver.network(lab);
  },

  network: (lab) => openNetwork(lab, makeBridge),

  async create(lab, spec) {
    const machine = await open(lab, spec);
    await writeOwnFiles(lab, spec, await nspawnDriver.network(lab));
    await machine.start();
    return machine;
  },

  attach: open,
};

async function open(lab: Lab, spec: MachineSpec): Promise<NspawnMachine> {
  const [network, key, image] = await Promise.all([nspawnDriver.network(lab), labSshKey(lab), machineImage()]);
  const layers = [...spec.layers, image];
  return new NspawnMachine({ lab, spec, network, layers, sshKey: key.private, folder: machineFolder(lab, spec.index) });
}
