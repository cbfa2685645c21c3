/** A process that opens a lab, says each phase on standard output and waits to be killed in the one it was asked for. */
import {
  addFirewallRule,
  addLink,
  claimSubnet,
  mount,
  openLab,
  setSysctl,
  startControlPlane,
  startNats,
} from '../src/index.ts';
import type { Lab } from '../src/index.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const phases: Readonly<Record<string, (lab: Lab) => Promise<unknown>>> = {
  opened: () => Promise.resolve(),
  'control-plane': (lab) => startControlPlane(lab),
  nats: (lab) => startNats(lab),
  host: changeHost,
};

async function changeHost(lab: Lab): Promise<void> {
  const { prefix, cidr } = await claimSubnet(lab);
  const bridge = `labtest${prefix.split('.').at(-1) ?? ''}`;
  await addLink(lab, bridge, ['type', 'bridge']);
  await addFirewallRule(lab, { chain: 'FORWARD', rule: ['-s', cidr, '-j', 'ACCEPT'] });
  await setSysctl(lab, 'net.ipv4.conf.lo.log_martians', '1');
  mkdirSync(join(lab.dir, 'mnt'));
  await mount(lab, join(lab.dir, 'mnt'), ['-t', 'tmpfs', 'tmpfs']);
}

const [name = '', until = ''] = process.argv.slice(2);
const lab = await openLab({ name });
for (const [phase, run] of Object.entries(phases)) {
  await run(lab);
  process.stdout.write(`${phase}\n`);
  if (phase === until) break;
}
setInterval(() => undefined, 1_000); // stays until it is killed
