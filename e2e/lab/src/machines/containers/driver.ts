import { existsSync } from 'node:fs';

import { claimSubnet } from '../../claims.ts';
import { recordComponent } from '../../components.ts';
import type { Lab } from '../../lab.ts';
import { progress } from '../../progress.ts';
import type { MachineDriver, MachineSpec } from '../machine.ts';
import { openNetwork, prepareKernel } from '../network.ts';
import type { MachineNetwork } from '../network.ts';
import { ownFiles } from '../own-files.ts';
import { labSshKey } from '../ssh-key.ts';
import { containerName, createArguments, networkArguments } from './arguments.ts';
import { ContainerMachine } from './container-machine.ts';
import { docker, openEngine } from './engine.ts';
import { imageOf } from './images.ts';
import { tarOf } from './tar.ts';

/** Machines as containers of a Docker daemon on this host: for those who may use one, and need not be root. */
export const containersDriver: MachineDriver = {
  kind: 'containers',

  async prepare(lab) {
    const engine = await openEngine(lab);
    const image = await imageOf(engine, []);
    const version = await docker(engine, ['version', '--format', '{{.Server.Version}}']);
    recordComponent(`machines: containers of Docker engine ${version.trim()}, ${image}`);
    await containersDriver.network(lab);
  },

  network: (lab) => openNetwork(lab, makeNetwork),

  async create(lab, spec) {
    const engine = await openEngine(lab);
    const network = await containersDriver.network(lab);
    const image = await imageOf(engine, spec.layers);
    const modules = existsSync('/lib/modules');
    await docker(engine, createArguments({ spec, network, image, label: engine.label, modules }));
    const files = tarOf([...ownFiles(spec, (await labSshKey(lab)).public), untouchedKernel]);
    await docker(engine, ['cp', '--archive', '-', `${containerName(network, spec)}:/`], files);
    const machine = await open(lab, spec);
    await machine.start();
    return machine;
  },

  attach: open,
};

/** An empty unit masks one. In a privileged container it would write the image's settings into the host's kernel. */
const untouchedKernel = { path: '/etc/systemd/system/systemd-sysctl.service', text: '', mode: 0o644, owner: 0 };

async function open(lab: Lab, spec: MachineSpec): Promise<ContainerMachine> {
  const [engine, network, key] = await Promise.all([openEngine(lab), containersDriver.network(lab), labSshKey(lab)]);
  return new ContainerMachine({ lab, engine, spec, network, sshKey: key.private });
}

async function makeNetwork(lab: Lab): Promise<MachineNetwork> {
  const engine = await openEngine(lab);
  const { index, prefix, cidr, gateway } = await claimSubnet(lab);
  const network = { kind: 'containers', bridge: `k0slab${index}`, prefix, cidr, gateway } as const;
  progress(`Docker network ${network.bridge} with ${cidr}`);
  await prepareKernel(lab);
  await docker(engine, networkArguments(network, engine.label));
  return network;
}
