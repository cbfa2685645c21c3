import type { NodeIdentityDependencies } from '@k0smotron/node-identity';
import type { Controller } from '@k0smotron/runtime';
import { controllerConfigController } from './reconcilers/controller-config/controller.ts';
import { ownNodesController } from './reconcilers/provider-id/controller.ts';
import type { BootstrapDependencies } from './reconcilers/scope.ts';
import { workerConfigController } from './reconcilers/worker-config/controller.ts';

/** Every loop of the bootstrap provider; the RBAC manifests are generated from this list. */
export const controllers = (dependencies: BootstrapDependencies & NodeIdentityDependencies): readonly Controller[] => [
  workerConfigController(dependencies),
  controllerConfigController(dependencies),
  ownNodesController(dependencies),
];
