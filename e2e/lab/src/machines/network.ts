import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { claimSubnet } from '../claims.ts';
import { run } from '../command.ts';
import { addFirewallRule, addLink } from '../host-changes.ts';
import type { Lab } from '../lab.ts';
import { withLock } from '../lock.ts';
import { progress } from '../progress.ts';
import { readSysctl, setSysctl } from '../sysctl.ts';
import { machinesDir } from './machines-dir.ts';

/** The bridge of a lab's machines. */
export interface MachineNetwork {
  readonly bridge: string;
  /** First three numbers of its addresses. */
  readonly prefix: string;
  readonly cidr: string;
  /** The host's own address on the bridge. */
  readonly gateway: string;
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

/** The lab's network, made at the first call. Every change of the host is journalled (ER-12). */
export function openNetwork(lab: Lab): Promise<MachineNetwork> {
  const file = join(machinesDir(lab), 'network.json');
  return withLock(file, async () => {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as MachineNetwork;
    const network = await makeNetwork(lab);
    writeFileSync(file, JSON.stringify(network));
    return network;
  });
}

async function makeNetwork(lab: Lab): Promise<MachineNetwork> {
  const { index, prefix, cidr, gateway } = await claimSubnet(lab);
  const bridge = `k0slab${index}`;
  progress(`bridge ${bridge} with ${cidr}, firewall rules for it, sysctls ${Object.keys(sysctls).join(' ')}`);
  for (const [key, value] of Object.entries(sysctls)) {
    const enough = key === 'fs.inotify.max_user_instances' && Number(readSysctl(key)) >= Number(value);
    if (!enough) await setSysctl(lab, key, value);
  }
  await addLink(lab, bridge, ['type', 'bridge']);
  await run('ip', ['address', 'add', `${gateway}/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  // Hosts with Docker or a firewall drop by default.
  await addFirewallRule(lab, { chain: 'INPUT', rule: ['-i', bridge, '-j', 'ACCEPT'] });
  await addFirewallRule(lab, { chain: 'FORWARD', rule: ['-i', bridge, '-j', 'ACCEPT'] });
  await addFirewallRule(lab, { chain: 'FORWARD', rule: ['-o', bridge, '-j', 'ACCEPT'] });
  return { bridge, prefix, cidr, gateway };
}
