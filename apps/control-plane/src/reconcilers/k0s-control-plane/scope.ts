import { Cluster, K0sControllerConfig, type K0sControlPlane, labels, Machine, RemoteMachine } from '@k0smotron/api';
import { keyOf, type ObjectKey } from '@k0smotron/core';
import type { Audit } from '@k0smotron/audit';
import type { Bus } from '@k0smotron/bus';
import type { WorkloadClusters } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import type { ControllerHosts } from '../../hosts/controller-hosts.ts';
import type { ControllersSeen, EndpointSeen } from '../../hosts/seen.ts';
import type { Controller } from '../../machines/controller.ts';
import type { PlaneMemories, PlaneMemory } from '../../memory.ts';
import { byCluster } from '../../names.ts';
import type { FoundCertificates } from '../../secrets/cluster-certificates.ts';

/** What lives as long as the process. */
export interface ControlPlaneDependencies {
  readonly workloads: WorkloadClusters;
  readonly hosts: ControllerHosts;
  readonly bus: Bus;
  readonly audit: Audit;
  readonly memories: PlaneMemories;
}

/** What the steps of one run found out. */
export interface Findings {
  /** Filled by `ensure certificates`, unless they were found whole a moment ago. */
  certificates?: FoundCertificates;
  /** Filled by `observe hosts`. */
  seen?: ControllersSeen;
  /** Filled by `observe hosts`: what the API says at the endpoint. */
  endpoint?: EndpointSeen;
  /** True when what was seen is from an earlier run. */
  remembered?: boolean;
  /** False with kine, external etcd and --single: then there is no member logic (CP-17). */
  managesEtcd?: boolean;
  /** k0s has not made its ClusterConfig yet. */
  awaitsConfig?: boolean;
  /** The shared configuration could not be written, for no fault of its own. */
  configNotTaken?: boolean;
  /** Why nothing may be moved now, for ScalingUp and ScalingDown; stable words (C-03). */
  hold?: string;
}

/** One consistent reading of a control plane's surroundings. */
export interface ControlPlaneScope extends ControlPlaneDependencies {
  readonly run: Run<K0sControlPlane>;
  readonly plane: K0sControlPlane;
  readonly clusterKey: ObjectKey;
  readonly cluster?: Cluster;
  /** Oldest first; those being deleted included. */
  readonly controllers: readonly Controller[];
  readonly workers: readonly Machine[];
  readonly memory: PlaneMemory;
  readonly found: Findings;
}

/** Reads Cluster and Machines from the caches. */
export function scopeOf(run: Run<K0sControlPlane>, dependencies: ControlPlaneDependencies): ControlPlaneScope {
  const plane = run.object;
  const { namespace } = plane.metadata;
  const owner = plane.metadata.ownerReferences?.find(({ kind }) => kind === Cluster.kind);
  const clusterKey = { namespace, name: owner?.name ?? plane.metadata.labels?.[labels.clusterName] ?? '' };
  const machines = run.caches.of(Machine).byIndex(byCluster, keyOf(clusterKey));
  const ours = machines.filter(({ metadata }) => metadata.labels?.[labels.controlPlane] !== undefined);
  return {
    ...dependencies,
    run,
    plane,
    clusterKey,
    cluster: run.caches.of(Cluster).get(clusterKey),
    controllers: ours.map((machine) => controllerOf(run, machine)).sort(byAge),
    workers: machines.filter(({ metadata }) => metadata.labels?.[labels.controlPlane] === undefined),
    memory: dependencies.memories.of(plane.metadata.uid),
    found: {},
  };
}

function controllerOf({ caches }: Run<K0sControlPlane>, machine: Machine): Controller {
  const { name, namespace } = machine.metadata;
  const { infrastructureRef, bootstrap } = machine.spec;
  const remote =
    infrastructureRef.kind === RemoteMachine.kind
      ? caches.of(RemoteMachine).get({ namespace, name: infrastructureRef.name })
      : undefined;
  const config = bootstrap?.configRef?.name
    ? caches.of(K0sControllerConfig).get({ namespace, name: bootstrap.configRef.name })
    : undefined;
  return { name, machine, remote, config };
}

const byAge = (a: Controller, b: Controller): number =>
  a.machine.metadata.creationTimestamp.localeCompare(b.machine.metadata.creationTimestamp, 'en') ||
  a.name.localeCompare(b.name, 'en');

/** The Cluster of a scope whose owner was observed. */
export function clusterOf({ cluster }: ControlPlaneScope): Cluster {
  if (!cluster) throw new Error('the step needs the owner to be observed first');
  return cluster;
}

/** True once the API of the cluster has answered; it never becomes false again (CP-10). */
export const isInitialized = ({ plane, run }: ControlPlaneScope): boolean =>
  plane.status?.initialization?.controlPlaneInitialized === true ||
  (run.status.initialization as { controlPlaneInitialized?: boolean } | undefined)?.controlPlaneInitialized === true;
