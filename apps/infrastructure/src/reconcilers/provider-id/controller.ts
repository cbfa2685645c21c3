import { Cluster, Machine } from '@k0smotron/api';
import { keyOf } from '@k0smotron/core';
import type { NodeIdentityDependencies } from '@k0smotron/node-identity';
import { defineController, watch } from '@k0smotron/runtime';
import { reconcileProviderId } from './reconcile.ts';

const byCluster = 'cluster';

/** Gives the Node of a Machine on our hosts the Machine's provider id where foreign data booted it (IM-03). */
export const providerIdController = (dependencies: NodeIdentityDependencies) =>
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
      { groups: ['cluster.x-k8s.io'], resources: ['clusters', 'machines'], verbs: ['get', 'list', 'watch'] },
      { groups: [''], resources: ['secrets'], verbs: ['get'] }, // the kubeconfig of the workload cluster
    ],
    conditionTypes: [],
    sources: [dependencies.nodes.source],
    deadlineMs: 15_000, // a workload API that does not answer is asked anew, on another connection
    reconcile: (run, signal) => reconcileProviderId(run, dependencies, signal),
  });
