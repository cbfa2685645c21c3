import { Cluster, K0sControllerConfig, K0sControlPlane, Machine, RemoteMachine } from '@k0smotron/api';
import { recordedAudit } from '@k0smotron/audit/testing';
import { nullBus } from '@k0smotron/bus';
import { apiVersionOf, keyOf, type Condition, type Kind, type KubeObject } from '@k0smotron/core';
import type { Fact } from '@k0smotron/events';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import { fakeCaches, fakeRun, type FakeRun } from '@k0smotron/runtime/testing';
import { fakeClock, type FakeClock } from '@k0smotron/testing';
import { ControllerHosts } from '../src/hosts/controller-hosts.ts';
import type { ControllerSeen } from '../src/hosts/seen.ts';
import { PlaneMemories } from '../src/memory.ts';
import { byCluster } from '../src/names.ts';
import {
  scopeOf,
  type ControlPlaneDependencies,
  type ControlPlaneScope,
} from '../src/reconcilers/k0s-control-plane/scope.ts';

/** One controller `c-<n>` of the control plane; up to date, provisioned and ready unless told. */
export interface ControllerOptions {
  readonly ready?: boolean;
  readonly provisioned?: boolean;
  readonly deleting?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly configAnnotations?: Readonly<Record<string, string>>;
  readonly version?: string;
  /** Of the Machine. */
  readonly conditions?: readonly Partial<Condition>[];
}

/** What differs from an initialised control plane `c` of one ready controller. */
export interface PlaneOptions {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly controllers?: readonly ControllerOptions[];
  readonly workload?: readonly object[];
  /** The Cluster is on its way out, its control plane not yet. */
  readonly clusterDeleting?: boolean;
  /** Objects of the management cluster that only requests find, such as Secrets. */
  readonly stored?: readonly object[];
}

/** A control plane with all that its steps see, in memory. */
export interface Plane {
  readonly scope: ControlPlaneScope;
  readonly run: FakeRun<K0sControlPlane>;
  readonly management: FakeKube;
  readonly workload: FakeKube;
  readonly clock: FakeClock;
  readonly facts: readonly Fact[];
  /** A further run of the same process. */
  again(): ControlPlaneScope;
}

/** A signal that never aborts. */
export const noSignal = new AbortController().signal;

const stored = (kind: Kind, metadata: object, rest: object): KubeObject =>
  ({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { namespace: 'ns', resourceVersion: '1', creationTimestamp: '2025-12-31T00:00:00Z', ...metadata },
    ...rest,
  }) as KubeObject;

const version = 'v1.34.4+k0s.0';

/** Builds a {@link Plane}. */
export function aPlane(options: PlaneOptions = {}): Plane {
  const clock = fakeClock();
  const controllers = options.controllers ?? [{}];
  const spec = {
    replicas: controllers.length,
    version,
    updateStrategy: 'InPlace',
    k0sConfigSpec: {},
    machineTemplate: {
      spec: {
        infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' },
      },
    },
    ...options.spec,
  };
  const status = { initialization: { controlPlaneInitialized: true }, ...options.status };
  const cluster = stored(
    Cluster,
    { name: 'c', uid: 'cluster', ...(options.clusterDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    {
      spec: { controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 } },
      status: { initialization: { infrastructureProvisioned: true } },
    },
  );
  const ownerReferences = [{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'c', uid: 'cluster' }];
  const { annotations = {} } = options;
  const plane = stored(
    K0sControlPlane,
    { name: 'c', uid: 'plane', generation: 1, ownerReferences, annotations },
    { spec, status },
  );
  const parts = controllers.flatMap(partsOf);
  const objects = [cluster, plane, ...parts];
  const management = fakeKube({ clock, objects: (options.stored ?? []) as never });
  const cached = objects.map((object) => {
    const { uid, resourceVersion } = management.seed(object).metadata;
    return { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
  });
  const workload = fakeKube({ clock, objects: (options.workload ?? []) as never });
  const facts: Fact[] = [];
  const dependencies: ControlPlaneDependencies = {
    workloads: { client: () => Promise.resolve(workload) } as never,
    hosts: new ControllerHosts(),
    bus: { ...nullBus, publish: (fact) => Promise.resolve((facts.push(fact), 'stored' as const)) },
    audit: recordedAudit(facts),
    memories: new PlaneMemories(),
  };
  const caches = fakeCaches(cached, {
    [byCluster]: ({ kind, metadata }) =>
      kind === 'Machine' ? [keyOf({ namespace: metadata.namespace, name: 'c' })] : [],
  });
  const open = () => {
    const own = cached.find(({ kind }) => kind === K0sControlPlane.kind) ?? plane;
    const run = fakeRun(own as K0sControlPlane, { kube: management, caches, clock });
    const scope = scopeOf(run, dependencies);
    Object.assign(scope.found, { seen: seenOf(controllers), managesEtcd: true, endpoint: { clusterUid: 'u' } });
    return { run, scope };
  };
  return { ...open(), management, workload, clock, facts, again: () => open().scope };
}

function partsOf({ provisioned = true, deleting = false, ...over }: ControllerOptions, at: number): KubeObject[] {
  const name = `c-${at}`;
  const labels = { 'cluster.x-k8s.io/control-plane': '' };
  const deletion = deleting
    ? { deletionTimestamp: '2025-12-31T12:00:00Z', finalizers: ['machine.cluster.x-k8s.io'] }
    : {};
  const address = `192.0.2.${10 + at}`;
  const cloned = {
    'cluster.x-k8s.io/cloned-from-name': 't',
    'cluster.x-k8s.io/cloned-from-groupkind': 'RemoteMachineTemplate.infrastructure.cluster.x-k8s.io',
  };
  return [
    stored(
      Machine,
      { name, uid: `machine-${at}`, labels, annotations: over.annotations ?? {}, ...deletion },
      {
        spec: {
          clusterName: 'c',
          version: over.version ?? version,
          bootstrap: { configRef: { kind: 'K0sControllerConfig', name } },
          infrastructureRef: { kind: 'RemoteMachine', name },
        },
        ...(over.conditions ? { status: { conditions: over.conditions } } : {}),
      },
    ),
    stored(K0sControllerConfig, { name, uid: `config-${at}`, annotations: over.configAnnotations ?? {} }, { spec: {} }),
    stored(
      RemoteMachine,
      { name, uid: `remote-${at}`, annotations: cloned },
      {
        spec: { address, ...(provisioned ? { providerID: `remote-machine://${address}:22` } : {}) },
      },
    ),
  ];
}

function seenOf(controllers: readonly ControllerOptions[]) {
  const running = controllers.flatMap(({ provisioned = true, ready = true }, at) =>
    provisioned ? [{ name: `c-${at}`, ready, address: `192.0.2.${10 + at}`, id: `${at + 1}` }] : [],
  );
  const seen = (ready: boolean): ControllerSeen =>
    ready ? { apiReady: true } : { apiReady: false, problem: 'its API server does not answer yet' };
  return {
    byName: new Map(running.map(({ name, ready }) => [name, seen(ready)])),
    etcd: {
      members: running.map(({ id, name, ready, address }) => ({
        id,
        name,
        started: true,
        learner: false,
        healthy: ready,
        peerUrls: [`https://${address}:2380`],
      })),
      leader: '1',
      alarms: [],
      observedAt: '2026-01-01T00:00:00Z',
      source: 'etcd' as const,
    },
  };
}
