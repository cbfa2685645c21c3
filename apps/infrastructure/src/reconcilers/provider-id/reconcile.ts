import { Cluster, type Machine } from '@k0smotron/api';
import { done, type Outcome } from '@k0smotron/core';
import { giveProviderId, type NodeIdentityDependencies } from '@k0smotron/node-identity';
import type { Run } from '@k0smotron/runtime';
import { isOurs } from './is-ours.ts';

/** Names the Node of a Machine that somebody else's data booted: it may be called anything, so its address counts too. */
export async function reconcileProviderId(
  run: Run<Machine>,
  dependencies: NodeIdentityDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const machine = run.object;
  if (!isOurs(machine)) return done;
  const cluster = run.caches.of(Cluster).get({ ...run.key, name: machine.spec.clusterName });
  const addresses = (machine.status?.addresses ?? []).map(({ address }) => address);
  return giveProviderId({ machine, cluster, addresses, log: run.log }, dependencies, signal);
}
