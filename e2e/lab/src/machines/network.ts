import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { claimSubnet } from '../claims.ts';
import { run } from '../command.ts';
import { addFirewallRule, addLink } from '../host-changes.ts';
import type { Lab } from '../lab.ts';
import { withLock } from '../lock.ts';
import { progress } from '../progress.ts';
import { readSysctl, setSysctl } from '../sysctl.ts';
import { machinesDir } from './machines-dir.ts';

/** Ways to have machines: systemd-nspawn of this host, or containers of a Docker daemon on it. */
export type MachineKind = 'nspawn' | 'containers';

/** The bridge of a lab's machines. */
export interface MachineNetwork {
  /** Who made it; a lab has machines of one kind. */
  readonly kind: MachineKind;
  readonly bridge: string;
  /** First three numbers of its addresses. */
  readonly prefix: string;
  readonly cidr: string;
  /** The host's own address on the bridge. */
  readonly gateway: string;
}

/** Address of a lab's n-th machine; the first ten stay free for the host's own use. */
export function addressOf(network: MachineNetwork, index: number): string {
  return `${network.prefix}.${10 + index}`;
}

/** What machines with a kubelet, and more than 25 machines, need of the host's kernel. */
const sysctls: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  // /proc/sys is read-only in a machine, and kubelet ends when it cannot have these.
  'vm.overcommit_memory': '1',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  // Each systemd takes several; with the usual 128 the 26th machine never answers.
  'fs.inotify.max_user_instances': '8192',
};

/** The lab's network, if it has one by now. */
export function madeNetwork(lab: Pick<Lab, 'dir'>): MachineNetwork | undefined {
  const file = networkFile(lab);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MachineNetwork) : undefined;
}

/** The lab's network, which `make` makes at the first call. Every change of the host is journalled (ER-12). */
export function openNetwork(lab: Lab, make: (lab: Lab) => Promise<MachineNetwork>): Promise<MachineNetwork> {
  const file = networkFile(lab);
  return withLock(file, async () => {
    const made = madeNetwork(lab);
    if (made) return made;
    const network = await make(lab);
    writeFileSync(`${file}.new`, JSON.stringify(network));
    renameSync(`${file}.new`, file); // others look without the lock
    return network;
  });
}

const networkFile = (lab: Pick<Lab, 'dir'>): string => join(machinesDir(lab), 'network.json');

/** A bridge of the host's own, with its firewall rules. */
export async function makeBridge(lab: Lab): Promise<MachineNetwork> {
  const { index, prefix, cidr, gateway } = await claimSubnet(lab);
  const bridge = `k0slab${index}`;
  progress(`bridge ${bridge} with ${cidr}, firewall rules for it`);
  await prepareKernel(lab);
  await addLink(lab, bridge, ['type', 'bridge']);
  await run('ip', ['address', 'add', `${gateway}/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  // Hosts with Docker or a firewall drop by default.
  await addFirewallRule(lab, { chain: 'INPUT', rule: ['-i', bridge, '-j', 'ACCEPT'] });
  await addFirewallRule(lab, { chain: 'FORWARD', rule: ['-i', bridge, '-j', 'ACCEPT'] });
  await addFirewallRule(lab, { chain: 'FORWARD', rule: ['-o', bridge, '-j', 'ACCEPT'] });
  return { kind: 'nspawn', bridge, prefix, cidr, gateway };
}

/** Gives the host's kernel the settings that machines need; who is not root is told which are missing. */
export async function prepareKernel(lab: Lab): Promise<void> {
  const needed = Object.entries(sysctls).filter(([key, value]) => !isEnough(key, value));
  if (process.getuid?.() === 0) {
    progress(`sysctls ${needed.map(([key]) => key).join(' ')}`);
    for (const [key, value] of needed) await setSysctl(lab, key, value);
    return;
  }
  const missing = needed.filter(([key, value]) => readSysctl(key) !== value).map((pair) => pair.join('='));
  if (missing.length > 0)
    progress(`kubelet, or more than 25 machines, need root to run: sysctl -w ${missing.join(' ')}`);
}

/** Settings of other labs count as not there, since they go with those labs; a higher limit is the host's own. */
const isEnough = (key: string, value: string): boolean =>
  key === 'fs.inotify.max_user_instances' && Number(readSysctl(key)) >= Number(value);
