import { Cluster, conditionTypes, labels, Machine, PooledRemoteMachine, RemoteMachine, Secret } from '@k0smotron/api';
import { isDeleting, keyOf, type ObjectKey } from '@k0smotron/core';
import { defineController, watch, type Caches, type Permission } from '@k0smotron/runtime';
import { holderOf } from '../../hosts/pool.ts';
import { sshKeyLabel } from '../../names.ts';
import { reconcileRemoteMachine } from './reconcile.ts';
import type { RemoteMachineDependencies } from './scope.ts';

const byCluster = 'cluster';
const bySshSecret = 'sshSecret';
const byPool = 'pool';

/** RemoteMachine: a host that is reached over SSH (k0smotron-behaviour §11). */
export function remoteMachineController(dependencies: RemoteMachineDependencies) {
  const prepared = new Set<string>();
  return defineController<RemoteMachine>({
    name: 'remote-machine',
    kind: RemoteMachine,
    indexes: {
      [bySshSecret]: ({ metadata, spec }) =>
        spec.sshKeyRef ? [keyOf({ namespace: metadata.namespace, name: spec.sshKeyRef.name })] : [],
      [byCluster]: ({ metadata }) => {
        const name = metadata.labels?.[labels.clusterName];
        return name ? [keyOf({ namespace: metadata.namespace, name })] : [];
      },
      [byPool]: ({ metadata, spec }) => (spec.pool ? [keyOf({ namespace: metadata.namespace, name: spec.pool })] : []),
    },
    watches: [
      watch(Machine, remoteMachineOf, {
        indexes: {
          [byCluster]: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace, name: spec.clusterName })],
        },
      }),
      watch(Cluster, ({ metadata }, caches) => [
        ...caches.of(Machine).byIndex(byCluster, keyOf(metadata)).flatMap(remoteMachineOf),
        ...keysOf(caches.of(RemoteMachine).byIndex(byCluster, keyOf(metadata))),
      ]),
      watch(PooledRemoteMachine, interestedIn),
      watch(Secret, waitingForKey, { labelSelector: sshKeyLabel, metadataOnly: true }),
    ],
    permissions,
    conditionTypes: [
      conditionTypes.hostReserved,
      conditionTypes.hostReachable,
      conditionTypes.bootstrapExecSucceeded,
      conditionTypes.cleanUpSucceeded,
      conditionTypes.ready,
      conditionTypes.notSupported,
      conditionTypes.paused,
    ],
    failureCondition: conditionTypes.ready,
    sources: [dependencies.work.source, (_, enqueueAll) => dependencies.bus.onNewStream(enqueueAll)],
    reconcile: (run, signal) => reconcileRemoteMachine(run, { ...dependencies, prepared }, signal),
  });
}

function remoteMachineOf({ metadata, spec }: Machine): readonly ObjectKey[] {
  const { kind, name } = spec.infrastructureRef;
  return kind === RemoteMachine.kind && name ? [{ namespace: metadata.namespace, name }] : [];
}

/** A host wakes its holder, and when it is free those of its pool that still wait for one. */
function interestedIn(host: PooledRemoteMachine, caches: Caches): readonly ObjectKey[] {
  const { namespace } = host.metadata;
  const holder = holderOf(host);
  if (holder) return [{ namespace, name: holder }];
  const waiting = caches.of(RemoteMachine).byIndex(byPool, keyOf({ namespace, name: host.spec.pool }));
  return keysOf(waiting.filter(({ spec }) => !spec.address));
}

/** Of the machines that share a key, those that a better one may help; else each that takes it would wake all others. */
function waitingForKey({ metadata }: Secret, caches: Caches): readonly ObjectKey[] {
  const sharing = caches.of(RemoteMachine).byIndex(bySshSecret, keyOf(metadata));
  return keysOf(sharing.filter((machine) => isDeleting(machine) || cannotBeReached(machine)));
}

const cannotBeReached = ({ status }: RemoteMachine): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === conditionTypes.hostReachable && is === 'False') ?? false;

const keysOf = (machines: readonly RemoteMachine[]): readonly ObjectKey[] => machines.map(({ metadata }) => metadata);

const infrastructure = 'infrastructure.cluster.x-k8s.io';

const permissions: readonly Permission[] = [
  { groups: [infrastructure], resources: ['remotemachines'], verbs: ['get', 'list', 'watch', 'patch'] },
  { groups: [infrastructure], resources: ['remotemachines/status'], verbs: ['patch'] },
  { groups: [infrastructure], resources: ['remotemachines/finalizers'], verbs: ['update'] },
  { groups: [infrastructure], resources: ['pooledremotemachines'], verbs: ['get', 'list', 'watch', 'patch'] },
  { groups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: ['list', 'watch'] },
  { groups: ['cluster.x-k8s.io'], resources: ['machines'], verbs: ['list', 'watch', 'patch'] },
  // SSH keys and bootstrap data by reference, clean-up plans of our own; patch holds the SSH Secret by a finalizer (SR-1).
  { groups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
];
