import type { Controller } from '@k0smotron/runtime';
import { controllerConfigController } from './reconcilers/controller-config/controller.ts';
import { providerIdController } from './reconcilers/provider-id/controller.ts';
import type { ProviderIdDependencies } from './reconcilers/provider-id/reconcile.ts';
import type { BootstrapDependencies } from './reconcilers/scope.ts';
import { workerConfigController } from './reconcilers/worker-config/controller.ts';

/** Every loop of the bootstrap provider; the RBAC manifests are generated from this list. */
export const controllers = (dependencies: BootstrapDependencies & ProviderIdDependencies): readonly Controller[] => [
  workerConfigController(dependencies),
  controllerConfigController(dependencies),
  providerIdController(dependencies),
];
