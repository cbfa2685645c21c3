import type { KindDeclaration } from '@k0smotron/crd';
import { K0sControllerConfig } from '../bootstrap/k0s-controller-config.ts';
import { K0sWorkerConfigTemplate } from '../bootstrap/k0s-worker-config-template.ts';
import { K0sWorkerConfig } from '../bootstrap/k0s-worker-config.ts';
import { K0sControlPlaneTemplate } from '../controlplane/k0s-control-plane-template.ts';
import { K0sControlPlane } from '../controlplane/k0s-control-plane.ts';
import { K0smotronControlPlaneTemplate } from '../controlplane/k0smotron-control-plane-template.ts';
import { K0smotronControlPlane } from '../controlplane/k0smotron-control-plane.ts';
import { EtcdRestore } from '../etcd/etcd-restore.ts';
import { EtcdSnapshotSchedule } from '../etcd/etcd-snapshot-schedule.ts';
import { EtcdSnapshot } from '../etcd/etcd-snapshot.ts';
import { SnapshotStore } from '../etcd/snapshot-store.ts';
import { PooledRemoteMachine } from '../infrastructure/pooled-remote-machine.ts';
import { RemoteClusterTemplate } from '../infrastructure/remote-cluster-template.ts';
import { RemoteCluster } from '../infrastructure/remote-cluster.ts';
import { RemoteMachineTemplate } from '../infrastructure/remote-machine-template.ts';
import { RemoteMachine } from '../infrastructure/remote-machine.ts';
import { Cluster } from '../k0smotron/cluster.ts';
import { JoinTokenRequest } from '../k0smotron/join-token-request.ts';

/** The original's kinds, in v1beta1 and v1beta2. */
export const bothVersionKinds: readonly KindDeclaration[] = [
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  K0sControllerConfig,
  K0sControlPlane,
  K0sControlPlaneTemplate,
  K0smotronControlPlane,
  K0smotronControlPlaneTemplate,
  Cluster,
  JoinTokenRequest,
  RemoteMachine,
  RemoteMachineTemplate,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteClusterTemplate,
];

/** Kinds of the snapshot service, ours alone. */
const snapshotKinds: readonly KindDeclaration[] = [SnapshotStore, EtcdSnapshot, EtcdSnapshotSchedule, EtcdRestore];

/** Every kind that we declare. For generators and tests only: this loads zod (ER-1). */
export const declarations: readonly KindDeclaration[] = [...bothVersionKinds, ...snapshotKinds];
