import { conditionTypes, SnapshotStore } from '@k0smotron/api';
import { defineController } from '@k0smotron/runtime';
import type { StoreDependencies } from '../../stores/open-store-of.ts';
import { reconcileSnapshotStore } from './reconcile.ts';

/** SnapshotStore: says whether snapshots can be kept there, by keeping something there for a moment. */
export const snapshotStoreController = (dependencies: StoreDependencies) =>
  defineController<SnapshotStore>({
    name: 'snapshot-store',
    kind: SnapshotStore,
    permissions: [
      { groups: ['etcd.k0smotron.io'], resources: ['snapshotstores'], verbs: ['get', 'list', 'watch'] },
      { groups: ['etcd.k0smotron.io'], resources: ['snapshotstores/status'], verbs: ['patch'] },
      // By name: credentials and authority of a service.
      { groups: [''], resources: ['secrets'], verbs: ['get'] },
    ],
    conditionTypes: [conditionTypes.ready, conditionTypes.paused, 'ConditionalPuts'],
    failureCondition: conditionTypes.ready,
    reconcile: (run, signal) => reconcileSnapshotStore(run, dependencies, signal),
  });
