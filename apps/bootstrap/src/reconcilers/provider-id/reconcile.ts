import { Cluster, type Machine } from '@k0smotron/api';
import { done, type Outcome } from '@k0smotron/core';
import { giveProviderId, type NodeIdentityDependencies } from '@k0smotron/node-identity';
import type { Run } from '@k0smotron/runtime';
import { getsANode } from './gets-a-node.ts';

/** Names the Node of a Machine that our data boots; it carries the Machine's name or label, so its address is not asked. */
export async function reconcileProviderId(
  run: Run<Machine>,
  dependencies: NodeIdentityDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const machine = run.object;
  if (!getsANode(machine)) return done;
  const cluster = run.caches.of(Cluster).get({ ...run.key, name: machine.spec.clusterName });
  return giveProviderId({ machine, cluster, addresses: [], log: run.log }, dependencies, signal);
}
