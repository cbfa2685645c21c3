import {
  annotations,
  Cluster,
  conditionTypes,
  K0sControllerConfig,
  K0sControlPlane,
  labels,
  Machine,
  RemoteMachine,
} from '@k0smotron/api';
import { keyOf, type KubeObject, type ObjectKey } from '@k0smotron/core';
import { defineController, watch, type Caches, type Permission } from '@k0smotron/runtime';
import { byCluster } from '../../names.ts';
import { reconcileControlPlane } from './reconcile.ts';
import type { ControlPlaneDependencies } from './scope.ts';

/** K0sControlPlane: controllers on machines (k0smotron-behaviour §6). */
export const k0sControlPlaneController = (dependencies: ControlPlaneDependencies) =>
  defineController<K0sControlPlane>({
    name: 'k0s-control-plane',
    kind: K0sControlPlane,
    watches: [
      watch(Cluster, planeOfCluster),
      watch(Machine, planeOfMachine, {
        indexes: {
          [byCluster]: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace, name: spec.clusterName })],
        },
      }),
      watch(RemoteMachine, planeOfPart),
      watch(K0sControllerConfig, planeOfPart),
    ],
    permissions,
    sources: [dependencies.hosts.source, (_, enqueueAll) => dependencies.bus.onNewStream(enqueueAll)],
    conditionTypes: [
      conditionTypes.available,
      conditionTypes.initialized,
      conditionTypes.certificatesAvailable,
      conditionTypes.etcdClusterHealthy,
      conditionTypes.sharedConfigApplied,
      conditionTypes.machinesReady,
      conditionTypes.machinesUpToDate,
      conditionTypes.rollingOut,
      conditionTypes.remediating,
      conditionTypes.scalingUp,
      conditionTypes.scalingDown,
      conditionTypes.deleting,
      conditionTypes.paused,
    ],
    reconcile: (run, signal) => reconcileControlPlane(run, dependencies, signal),
  });

function planeOfCluster({ metadata, spec }: Cluster): readonly ObjectKey[] {
  const reference = spec.controlPlaneRef;
  if (reference?.kind !== K0sControlPlane.kind) return [];
  return [{ namespace: metadata.namespace, name: reference.name }];
}

/** Workers only where they follow its version in place, and while it is being deleted, since that waits for them. */
function planeOfMachine(machine: Machine, caches: Caches): readonly ObjectKey[] {
  const { metadata, spec } = machine;
  const cluster = caches.of(Cluster).get({ namespace: metadata.namespace, name: spec.clusterName });
  const keys = cluster ? planeOfCluster(cluster) : ownerOf(machine);
  const follows = metadata.annotations?.[annotations.updateInPlace] !== undefined;
  if (follows || metadata.labels?.[labels.controlPlane] !== undefined) return keys;
  return keys.filter((key) => caches.of(K0sControlPlane).get(key)?.metadata.deletionTimestamp !== undefined);
}

/** Infrastructure machines and configs belong to a Machine of the same name, which the control plane owns. */
function planeOfPart({ metadata }: KubeObject, caches: Caches): readonly ObjectKey[] {
  const machine = caches.of(Machine).get({ namespace: metadata.namespace, name: metadata.name });
  return machine ? ownerOf(machine) : [];
}

function ownerOf({ metadata }: KubeObject): readonly ObjectKey[] {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === K0sControlPlane.kind);
  return owner ? [{ namespace: metadata.namespace, name: owner.name }] : [];
}

/** What is read is cached: only what finalizers are patched on is asked for by name, after a conflict. */
const read = ['list', 'watch'] as const;

const permissions: readonly Permission[] = [
  { groups: ['controlplane.cluster.x-k8s.io'], resources: ['k0scontrolplanes'], verbs: ['get', ...read, 'patch'] },
  { groups: ['controlplane.cluster.x-k8s.io'], resources: ['k0scontrolplanes/status'], verbs: ['patch'] },
  { groups: ['controlplane.cluster.x-k8s.io'], resources: ['k0scontrolplanes/finalizers'], verbs: ['update'] },
  { groups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: [...read, 'patch'] },
  { groups: ['cluster.x-k8s.io'], resources: ['machines'], verbs: [...read, 'create', 'patch', 'delete'] },
  { groups: ['cluster.x-k8s.io'], resources: ['machines/status'], verbs: ['patch'] },
  { groups: ['bootstrap.cluster.x-k8s.io'], resources: ['k0scontrollerconfigs'], verbs: [...read, 'create', 'patch'] },
  // The templates and machines of any infrastructure provider.
  { groups: ['infrastructure.cluster.x-k8s.io'], resources: ['*'], verbs: ['get', 'create', 'patch'] },
  { groups: ['infrastructure.cluster.x-k8s.io'], resources: ['remotemachines'], verbs: [...read] },
  { groups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get'] },
  // By reference: certificates, kubeconfig and, for the look at etcd (SR-6), the SSH keys of controllers.
  { groups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] },
];
