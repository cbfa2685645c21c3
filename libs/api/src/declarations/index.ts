import type { KindDeclaration } from '@k0smotron/crd';
import { K0sControllerConfig } from '../bootstrap/k0s-controller-config.ts';
import { K0sWorkerConfigTemplate } from '../bootstrap/k0s-worker-config-template.ts';
import { K0sWorkerConfig } from '../bootstrap/k0s-worker-config.ts';
import { K0sControlPlaneTemplate } from '../controlplane/k0s-control-plane-template.ts';
import { K0sControlPlane } from '../controlplane/k0s-control-plane.ts';
import { PooledRemoteMachine } from '../infrastructure/pooled-remote-machine.ts';
import { RemoteCluster, RemoteClusterTemplate } from '../infrastructure/remote-cluster.ts';
import { RemoteMachineTemplate } from '../infrastructure/remote-machine-template.ts';
import { RemoteMachine } from '../infrastructure/remote-machine.ts';

/** Kinds of the three Cluster API providers, in v1beta1 and v1beta2. */
export const bothVersionKinds: readonly KindDeclaration[] = [
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  K0sControllerConfig,
  K0sControlPlane,
  K0sControlPlaneTemplate,
  RemoteMachine,
  RemoteMachineTemplate,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteClusterTemplate,
];

/** Every kind that we declare. For generators and tests only: this loads zod (ER-1). */
export const declarations: readonly KindDeclaration[] = [...bothVersionKinds];
