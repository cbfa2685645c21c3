import { annotations, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import type { Machine } from '@k0smotron/lab';
import { pooledMachines, type Manifest } from '../cluster/manifests.ts';
import type { System } from '../system/start-system.ts';
import { bootstrapData, ownerMachine, remoteMachine } from './objects.ts';

/** What a host of a pool stands for in the reservation. */
export const poolHosts = pooledMachines;

/** Machines that each want a host of a pool; all run the same data. */
export const claims = (pool: string, names: readonly string[], cloudConfig: string): Manifest[] => [
  bootstrapData(`${pool}-data`, cloudConfig),
  ...names.flatMap((name) => [remoteMachine(name, { pool }), ownerMachine(name, `${pool}-data`)]),
];

/** Which host each of these machines holds, by the hosts' own word; hosts that nobody holds are left out. */
export async function holders({ kube }: System): Promise<ReadonlyMap<string, string>> {
  const hosts = await kube.list(PooledRemoteMachine, { namespace: 'default' });
  return new Map(
    hosts.flatMap(({ metadata }) => {
      const holder = metadata.annotations?.[annotations.reservedBy];
      return holder ? [[metadata.name, holder] as const] : [];
    }),
  );
}

/** Addresses of machines that have one, as their specs say. */
export async function addresses({ kube }: System): Promise<string[]> {
  const machines = await kube.list(RemoteMachine, { namespace: 'default' });
  return machines.flatMap(({ spec }) => spec.address ?? []);
}

/** Runs a command on each machine and gives what it printed. */
export const onEach = (machines: readonly Machine[], command: string): Promise<string[]> =>
  Promise.all(machines.map(async (machine) => (await machine.exec(command)).stdout.trim()));
