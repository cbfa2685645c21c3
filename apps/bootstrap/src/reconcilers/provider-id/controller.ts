import { Cluster, Machine } from '@k0smotron/api';
import { keyOf } from '@k0smotron/core';
import type { NodeIdentityDependencies } from '@k0smotron/node-identity';
import { defineController, watch } from '@k0smotron/runtime';
import { byCluster } from '../watches.ts';
import { reconcileProviderId } from './reconcile.ts';

/** Gives the Node of each of our Machines the Machine's provider id, by which core finds it (B-05, IM-03). */
export const providerIdController = (dependencies: NodeIdentityDependencies) =>
  defineController<Machine>({
    name: 'provider-id',
    kind: Machine,
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
    ],
    conditionTypes: [],
    sources: [dependencies.nodes.source],
    deadlineMs: 15_000, // a workload API that does not answer is asked anew, on another connection
    reconcile: (run, signal) => reconcileProviderId(run, dependencies, signal),
  });
