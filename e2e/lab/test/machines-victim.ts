/** A process that boots two machines in a lab of its own, says when, and waits to be killed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openLab } from '../src/open-lab.ts';
import { startMachines } from '../src/machines/start-machines.ts';
import { waitUntil } from '../src/wait-until.ts';

const [name = ''] = process.argv.slice(2);
const lab = await openLab({ name });
/** The first machine's log; or its claim, which comes a moment before the first container. */
const booting = join(
  lab.dir,
  process.env['K0SMOTRON_LAB_MACHINES'] === 'containers' ? 'machines/1/machine.json' : 'logs/machine-machine-1.log',
);
void waitUntil(() => existsSync(booting), { what: 'the first machine', intervalMs: 10 }).then(() =>
  console.log('booting'),
);
await startMachines(lab, 2);
console.log('up');
setInterval(() => undefined, 60_000);
