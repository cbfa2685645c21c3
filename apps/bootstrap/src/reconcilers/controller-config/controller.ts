import { K0sControllerConfig } from '@k0smotron/api';
import { defineController } from '@k0smotron/runtime';
import { reconcileConfig } from '../bootstrap-steps.ts';
import { scopeOf, type BootstrapDependencies } from '../scope.ts';
import { configIndexes, configPermissions, machineAndClusterWatches } from '../watches.ts';
import { controllerData } from './controller-data.ts';

/** K0sControllerConfig: the bootstrap data of one controller, first or joining (k0smotron-behaviour §4). */
export const controllerConfigController = (dependencies: BootstrapDependencies) =>
  defineController<K0sControllerConfig>({
    name: 'k0s-controller-config',
    kind: K0sControllerConfig,
    indexes: configIndexes,
    watches: machineAndClusterWatches(K0sControllerConfig),
    permissions: configPermissions('k0scontrollerconfigs'),
    sources: [(_, enqueueAll) => dependencies.bus.onNewStream(enqueueAll)],
    conditionTypes: ['DataSecretAvailable', 'Ready', 'Paused'],
    reconcile: (run, signal) => reconcileConfig(scopeOf(run, 'controller', dependencies), controllerData, signal),
  });
