import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Lab } from '../../lab.ts';
import type { MachineSpec } from '../machine.ts';
import type { MachineNetwork } from '../network.ts';
import { labSshKey } from '../ssh-key.ts';
import { addressOf, machineFolder } from './folder.ts';

/** Users of the image and their ids, as image/customize.sh makes them. */
const logins = [
  { home: '/root', id: 0 },
  { home: '/home/remoteuser', id: 1001 },
  { home: '/home/nosudo', id: 1002 },
] as const;

/** Writes what differs from machine to machine into the machine's own layer, before its first boot. */
export async function writeOwnFiles(lab: Lab, spec: MachineSpec, network: MachineNetwork): Promise<void> {
  const folder = machineFolder(lab, spec.index);
  for (const name of ['upper', 'work', 'root', 'state'])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const key = await labSshKey(lab);
  const upper = join(folder, 'upper');
  const address = addressOf(network, spec.index);
  for (const { home, id } of logins) {
    write(upper, `${home}/.ssh/authorized_keys`, `${key.public}\n`, 0o600);
    for (const path of [home, `${home}/.ssh`, `${home}/.ssh/authorized_keys`]) chownSync(join(upper, path), id, id);
  }
  write(upper, '/etc/hostname', `${spec.name}\n`);
  write(upper, '/etc/hosts', `127.0.0.1 localhost\n${address} ${spec.name}\n`);
  write(upper, '/etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444);
  // Nothing listens there, so a look-up is refused at once instead of waiting for a time-out.
  write(upper, '/etc/resolv.conf', `nameserver ${network.gateway}\n`);
  write(upper, '/etc/systemd/network/10-host0.network', networkFile(address, network.gateway));
  write(upper, '/etc/cni/net.d/10-lab.conflist', JSON.stringify(cniConfig(spec.index), undefined, 2));
}

function write(upper: string, path: string, text: string, mode = 0o644): void {
  const file = join(upper, path);
  const home = path.startsWith('/root/') || path.startsWith('/home/');
  mkdirSync(dirname(file), { recursive: true, mode: home ? 0o700 : 0o755 });
  writeFileSync(file, text, { mode });
}

function networkFile(address: string, gateway: string): string {
  return [
    '[Match]',
    'Name=host0',
    '',
    '[Network]',
    `Address=${address}/24`,
    `Gateway=${gateway}`,
    'LinkLocalAddressing=no',
    'IPv6AcceptRA=no',
    '',
  ].join('\n');
}

/** Pods get addresses of their machine's own; there are no routes between pods of different machines. */
function cniConfig(index: number): object {
  const subnet = `10.244.${index}.0/24`;
  const ipam = { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] };
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
