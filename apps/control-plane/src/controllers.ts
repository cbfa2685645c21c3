import type { Controller } from '@k0smotron/runtime';
import type { HostingClusters } from './hosted/hosting-clusters.ts';
import { hostedClusterController } from './reconcilers/hosted-cluster/controller.ts';
import type { HostedDependencies } from './reconcilers/hosted-cluster/scope.ts';
import { joinTokenRequestController } from './reconcilers/join-token-request/controller.ts';
import { k0sControlPlaneController } from './reconcilers/k0s-control-plane/controller.ts';
import type { ControlPlaneDependencies } from './reconcilers/k0s-control-plane/scope.ts';
import { k0smotronControlPlaneController } from './reconcilers/k0smotron-control-plane/controller.ts';

/** What the loops of this service need. */
export interface Dependencies extends ControlPlaneDependencies, HostedDependencies {
  readonly hosting: HostingClusters;
}

/** Every loop of the control-plane provider; the RBAC manifests are generated from this list. */
export const controllers = (dependencies: Dependencies): readonly Controller[] => [
  hostedClusterController(dependencies),
  joinTokenRequestController(dependencies),
  k0sControlPlaneController(dependencies),
  k0smotronControlPlaneController(dependencies),
];
