import type { NodeIdentityDependencies } from '@k0smotron/node-identity';
import type { Controller } from '@k0smotron/runtime';
import { pooledRemoteMachineController } from './reconcilers/pooled-remote-machine/controller.ts';
import { foreignNodesController } from './reconcilers/provider-id/controller.ts';
import { remoteClusterController } from './reconcilers/remote-cluster/controller.ts';
import { remoteMachineController } from './reconcilers/remote-machine/controller.ts';
import type { RemoteMachineDependencies } from './reconcilers/remote-machine/scope.ts';

/** Every loop of the infrastructure provider; the RBAC manifests are generated from this list. */
export const controllers = (
  dependencies: RemoteMachineDependencies & NodeIdentityDependencies,
): readonly Controller[] => [
  remoteClusterController,
  remoteMachineController(dependencies),
  pooledRemoteMachineController,
  foreignNodesController(dependencies),
];
