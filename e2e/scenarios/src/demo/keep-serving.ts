import { fileURLToPath } from 'node:url';
import { k0sBinary, startProcess } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { dirname } from 'node:path';
import type { Ground } from '../cluster/lab-cluster.ts';
import type { System } from '../system/start-system.ts';

const program = fileURLToPath(new URL('./serve.ts', import.meta.url));

/**
 * Hands the endpoint of the cluster and the downloads over to a process of the lab at the same addresses: a cluster that is
 * kept needs them after this process has ended.
 */
export async function keepServing({ lab }: System, ground: Ground): Promise<void> {
  const { endpoint, downloadURL } = ground.values;
  const folder = dirname((await k0sBinary()).path);
  await ground.close();
  await startProcess(lab, {
    name: 'load-balancer',
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      program,
      JSON.stringify({ endpoint, downloadURL, folder, backends: ground.machines.slice(0, 1).map((it) => it.address) }),
    ],
    env: { NODE_OPTIONS: '' },
  });
  await eventually(async () => expectOk(await fetch(downloadURL, { method: 'HEAD' })), { what: 'the load balancer' });
}

function expectOk({ ok, status }: Response): void {
  if (!ok) throw new Error(`status ${status}`);
}
