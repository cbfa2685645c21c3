import type { Controller } from '@k0smotron/runtime';
import { k0sControlPlaneController } from './reconcilers/k0s-control-plane/controller.ts';
import type { ControlPlaneDependencies } from './reconcilers/k0s-control-plane/scope.ts';

/** Every loop of the control-plane provider; the RBAC manifests are generated from this list. */
export const controllers = (dependencies: ControlPlaneDependencies): readonly Controller[] => [
  k0sControlPlaneController(dependencies),
];
