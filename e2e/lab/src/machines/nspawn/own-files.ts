import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Lab } from '../../lab.ts';
import type { MachineSpec } from '../machine.ts';
import { addressOf } from '../network.ts';
import type { MachineNetwork } from '../network.ts';
import { ownFiles } from '../own-files.ts';
import type { OwnFile } from '../own-files.ts';
import { labSshKey } from '../ssh-key.ts';
import { machineFolder } from './folder.ts';

/** Writes what differs from machine to machine into the machine's own layer, before its first boot. */
export async function writeOwnFiles(lab: Lab, spec: MachineSpec, network: MachineNetwork): Promise<void> {
  const folder = machineFolder(lab, spec.index);
  for (const name of ['upper', 'work', 'root', 'state'])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const key = await labSshKey(lab);
  const upper = join(folder, 'upper');
  for (const file of ownFiles(spec, key.public)) writeOwned(upper, file);
  const address = addressOf(network, spec.index);
  write(upper, '/etc/hostname', `${spec.name}\n`);
  write(upper, '/etc/hosts', `127.0.0.1 localhost\n${address} ${spec.name}\n`);
  // Nothing listens there, so a look-up is refused at once instead of waiting for a time-out.
  write(upper, '/etc/resolv.conf', `nameserver ${network.gateway}\n`);
  write(upper, '/etc/systemd/network/10-host0.network', networkFile(address, network.gateway));
}

/** The layer lies over the image: a folder of it hides owner and mode of the image's, so homes are given back. */
function writeOwned(upper: string, { path, text, mode, owner }: OwnFile): void {
  write(upper, path, text, mode);
  if (!path.includes('/.ssh/')) return;
  for (const owned of [path, dirname(path), dirname(dirname(path))]) chownSync(join(upper, owned), owner, owner);
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
