import { Cluster, Machine } from '@k0smotron/api';
import { done, keyOf } from '@k0smotron/core';
import { defineController, watch, type Controller } from '@k0smotron/runtime';
import { giveProviderId, type NodeIdentityDependencies } from './give-provider-id.ts';

/** Whose Nodes a service names; the services share the work, so that each Machine is one service's only. */
export interface NamedNodes {
  readonly covers: (machine: Machine) => boolean;
  /** Addresses by which a Node is known that has neither the Machine's name nor its label; none unless given. */
  readonly addressesOf?: (machine: Machine) => readonly string[];
}

const byCluster = 'cluster';

/** Gives the Node of each Machine that the service covers the Machine's provider id, by which core finds it (B-05, IM-03). */
export const providerIdController = (
  { covers, addressesOf = () => [] }: NamedNodes,
  dependencies: NodeIdentityDependencies,
): Controller =>
  defineController<Machine>({
    name: 'provider-id',
    kind: Machine,
    indexes: {
      [byCluster]: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace, name: spec.clusterName })],
    },
    watches: [
      watch(Cluster, ({ metadata }, caches) =>
        caches
          .of(Machine)
          .byIndex(byCluster, keyOf(metadata))
          .map(({ metadata: machine }) => machine),
      ),
    ],
    permissions: [
      { groups: ['cluster.x-k8s.io'], resources: ['clusters', 'machines'], verbs: ['list', 'watch'] },
      { groups: [''], resources: ['secrets'], verbs: ['get'] }, // the kubeconfig of the workload cluster
    ],
    conditionTypes: [],
    sources: [dependencies.nodes.source],
    deadlineMs: 15_000, // a workload API that does not answer is asked anew, on another connection
    reconcile: async (run, signal) => {
      const machine = run.object;
      if (!covers(machine)) return done;
      const cluster = run.caches.of(Cluster).get({ ...run.key, name: machine.spec.clusterName });
      return giveProviderId({ machine, cluster, addresses: addressesOf(machine), log: run.log }, dependencies, signal);
    },
  });
