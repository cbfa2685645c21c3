import { K0sWorkerConfig } from '@k0smotron/api';
import { defineController } from '@k0smotron/runtime';
import { reconcileConfig } from '../bootstrap-steps.ts';
import { scopeOf, type BootstrapDependencies } from '../scope.ts';
import { configIndexes, configPermissions, machineAndClusterWatches } from '../watches.ts';
import { workerData } from './worker-data.ts';

/** K0sWorkerConfig: the bootstrap data of one worker (k0smotron-behaviour §3). */
export const workerConfigController = (dependencies: BootstrapDependencies) =>
  defineController<K0sWorkerConfig>({
    name: 'k0s-worker-config',
    kind: K0sWorkerConfig,
    indexes: configIndexes,
    watches: machineAndClusterWatches(K0sWorkerConfig),
    permissions: configPermissions('k0sworkerconfigs'),
    sources: [(_, enqueueAll) => dependencies.bus.onNewStream(enqueueAll)],
    conditionTypes: ['DataSecretAvailable', 'Ready', 'Paused'],
    reconcile: (run, signal) => reconcileConfig(scopeOf(run, 'worker', dependencies), workerData, signal),
  });
