import {
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  labels,
  Machine,
  MachineDeployment,
  MachineSet,
} from '@k0smotron/api';
import { apiVersionOf, type Kind } from '@k0smotron/core';
import type { ClusterObject } from './cluster-objects.ts';

const plain = (kind: Kind): string => `${apiVersionOf(kind)} ${kind.kind}`;
const controlling = (kind: Kind): string => `${plain(kind)}, controller`;

/** What Cluster API's own end-to-end framework holds against the owners of each kind (capi-contract §1.3). */
const owners: Readonly<Record<string, (object: ClusterObject) => readonly string[]>> = {
  Cluster: () => [],
  MachineDeployment: () => [plain(Cluster)],
  MachineSet: () => [controlling(MachineDeployment)],
  Machine: ({ object }) => [
    controlling(object.metadata.labels?.[labels.controlPlane] === undefined ? MachineSet : K0sControlPlane),
  ],
  RemoteCluster: () => [plain(Cluster)],
  RemoteMachine: () => [controlling(Machine)],
  RemoteMachineTemplate: () => [plain(Cluster)],
  K0sControlPlane: () => [plain(Cluster)],
  K0sControllerConfig: () => [controlling(Machine)],
  K0sWorkerConfig: () => [controlling(Machine)],
  K0sWorkerConfigTemplate: () => [plain(Cluster)],
  Secret: ({ object }) => [
    controlling(/-(ca|etcd|proxy|sa|kubeconfig)$/.test(object.metadata.name) ? K0sControlPlane : K0sControllerConfig),
  ],
};

/** The owners that an object must have, as texts. */
export const wantedOwners = (one: ClusterObject): readonly string[] | undefined => owners[one.kind.kind]?.(one);

/** The owners that it has. */
export const ownersOf = ({ object }: ClusterObject): readonly string[] =>
  (object.metadata.ownerReferences ?? [])
    .map(({ apiVersion, kind, controller }) => `${apiVersion} ${kind}${controller === true ? ', controller' : ''}`)
    .sort();
