import { Cluster, K0sControllerConfig, K0sWorkerConfig, Machine } from '@k0smotron/api';
import { recordedAudit } from '@k0smotron/audit/testing';
import { nullBus } from '@k0smotron/bus';
import type { Fact } from '@k0smotron/events';
import { apiVersionOf, keyOf, type Kind, type KubeObject } from '@k0smotron/core';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import { fakeCaches, fakeRun, type FakeRun } from '@k0smotron/runtime/testing';
import { fakeClock, type FakeClock } from '@k0smotron/testing';
import { byCluster } from '../src/reconcilers/watches.ts';
import { scopeOf, type BootstrapConfig, type ConfigScope } from '../src/reconcilers/scope.ts';
import { TokenMemory } from '../src/tokens/token-memory.ts';

/** Everything that differs from a worker `w` of an initialised cluster `c` that is about to join. */
export interface WorldOptions {
  readonly role?: 'worker' | 'controller';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly configSpec?: unknown;
  readonly finalizers?: readonly string[];
  readonly machineStatus?: unknown;
  readonly clusterSpec?: unknown;
  readonly clusterStatus?: unknown;
  /** Other objects of the management cluster. */
  readonly others?: readonly object[];
  /** What this process remembers of tokens. */
  readonly tokens?: TokenMemory;
  /** Objects of the workload cluster. */
  readonly workload?: readonly object[];
}

/** A config with all that its steps see, in memory. */
export interface World {
  readonly scope: ConfigScope<BootstrapConfig>;
  readonly run: FakeRun<BootstrapConfig>;
  readonly management: FakeKube;
  readonly workload: FakeKube;
  readonly clock: FakeClock;
  readonly facts: readonly Fact[];
  /** A further run of the same process, on what is stored now. */
  again(): Promise<ConfigScope<BootstrapConfig>>;
}

const never = new AbortController().signal;

/** A signal that never aborts. */
export const noSignal = never;

const stored = (kind: Kind, metadata: object, rest: object): KubeObject =>
  ({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { namespace: 'ns', ...metadata },
    ...rest,
  }) as KubeObject;

/** Builds a {@link World}. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  const { role = 'worker', annotations = {}, finalizers = [], others = [], tokens = new TokenMemory() } = options;
  const clock = fakeClock();
  const configKind = (role === 'worker' ? K0sWorkerConfig : K0sControllerConfig) as Kind<BootstrapConfig>;
  const management = fakeKube({ clock });
  const workload = fakeKube({ clock, objects: (options.workload ?? []) as never });
  const cluster = management.seed(
    stored(
      Cluster,
      { name: 'c' },
      {
        spec: { controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 }, ...(options.clusterSpec as object) },
        status: options.clusterStatus ?? {
          initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true },
        },
      },
    ),
  );
  const machine = management.seed(
    stored(
      Machine,
      { name: 'w', labels: role === 'controller' ? { 'cluster.x-k8s.io/control-plane': '' } : {} },
      {
        spec: {
          clusterName: 'c',
          version: 'v1.34.4+k0s.0',
          bootstrap: { configRef: { kind: configKind.kind, name: 'w' } },
        },
        status: options.machineStatus ?? {},
      },
    ),
  );
  const { uid } = machine.metadata;
  const ownerReferences = [{ apiVersion: apiVersionOf(Machine), kind: 'Machine', name: 'w', uid, controller: true }];
  management.seed(
    stored(configKind, { name: 'w', annotations, finalizers, ownerReferences }, { spec: options.configSpec ?? {} }),
  );
  for (const other of others) management.seed(other as never);
  const facts: Fact[] = [];
  const bus = { ...nullBus, publish: (fact: Fact) => Promise.resolve((facts.push(fact), 'stored' as const)) };
  const workloads = { client: () => Promise.resolve(workload), forget: () => undefined };
  const dependencies = {
    workloads: workloads as never,
    bus,
    audit: recordedAudit(facts),
    tokens,
    owned: new Set<string>(),
  };
  const first = await open();
  management.calls.length = 0;

  async function open() {
    const config = await management.get(configKind, { namespace: 'ns', name: 'w' });
    const all = [cluster, machine, config, ...(others as KubeObject[])].filter((it) => it !== undefined);
    const caches = fakeCaches(all, {
      [byCluster]: ({ metadata, kind, ...it }) =>
        kind === 'Machine'
          ? [keyOf({ namespace: metadata.namespace, name: (it as unknown as Machine).spec.clusterName })]
          : [],
    });
    const run = fakeRun(config as BootstrapConfig, { kube: management, caches, clock });
    return { run, scope: scopeOf(run, role, dependencies) };
  }
  return { ...first, management, workload, clock, facts, again: async () => (await open()).scope };
}
