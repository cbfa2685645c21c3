import type { Machine, RemoteMachine } from '@k0smotron/api';
import { recordedAudit } from '@k0smotron/audit/testing';
import { nullBus } from '@k0smotron/bus';
import type { KubeObject } from '@k0smotron/core';
import { fakeKube, type FakeKube, type SeedObject } from '@k0smotron/kube/testing';
import { JobPool } from '@k0smotron/runtime';
import { fakeCaches, fakeRun, type FakeRun } from '@k0smotron/runtime/testing';
import { fakeClock } from '@k0smotron/testing';
import { HostWork, type HostReport, type HostWorkOptions } from '../src/hosts/host-work.ts';
import { scopeOf, type RemoteMachineScope } from '../src/reconcilers/remote-machine/scope.ts';

const clock = fakeClock();

/** Work whose end the test decides, by purpose; nothing connects to anything. */
export class ScriptedWork extends HostWork {
  readonly started: HostWorkOptions[] = [];
  readonly #ends: Readonly<Record<string, HostReport>>;

  constructor(ends: Readonly<Record<string, HostReport>>) {
    super(new JobPool({ clock }), clock);
    this.#ends = ends;
  }

  override ensure(options: HostWorkOptions): HostReport {
    this.started.push(options);
    const purpose = options.id.split('/').at(-1) ?? '';
    return this.#ends[purpose] ?? { kind: 'running', doing: 'something', sinceMs: 0 };
  }
}

/** A RemoteMachine as the API server stores it. */
export const aRemoteMachine = (over: {
  readonly name?: string;
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deleting?: boolean;
}): SeedObject =>
  ({
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'RemoteMachine',
    metadata: {
      name: over.name ?? 'one',
      namespace: 'default',
      uid: 'uid-1',
      generation: 1,
      annotations: over.annotations ?? {},
      finalizers: ['remotemachine.k0smotron.io/finalizer'],
      ...(over.deleting ? { deletionTimestamp: '2025-12-31T23:59:00Z' } : {}),
    },
    spec: { address: '192.0.2.1', user: 'root', sshKeyRef: { name: 'key' }, ...over.spec },
    status: over.status ?? {},
  }) as SeedObject;

/** A Secret; values are given in clear. */
export const aSecret = (name: string, data: Readonly<Record<string, string>>, finalizers: readonly string[] = []) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default', finalizers },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  }) as SeedObject;

/** A host of the pool `default`. */
export const aPooledHost = (name: string, annotations: Readonly<Record<string, string>> = {}): SeedObject =>
  ({
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'PooledRemoteMachine',
    metadata: { name, namespace: 'default', annotations },
    spec: { pool: 'default', machine: { address: '192.0.2.7', user: 'root', sshKeyRef: { name: 'key' } } },
  }) as SeedObject;

/** What a step is tested in. */
export interface StepTest {
  readonly scope: RemoteMachineScope;
  readonly run: FakeRun<RemoteMachine>;
  readonly kube: FakeKube;
  readonly work: ScriptedWork;
}

/** Everything around a step: an API server in memory that holds the objects, caches that show the same. */
export function stepTest(
  remote: SeedObject,
  {
    objects = [],
    ends = {},
    machine,
  }: {
    readonly objects?: readonly SeedObject[];
    readonly ends?: Readonly<Record<string, HostReport>>;
    readonly machine?: Machine;
  } = {},
): StepTest {
  const kube = fakeKube({ clock });
  const stored = kube.seed<RemoteMachine>(remote);
  const seen: KubeObject[] = objects.map((object) => kube.seed(object));
  const caches = fakeCaches([stored, ...seen]);
  const run = fakeRun(stored, { kube, caches, clock });
  const work = new ScriptedWork(ends);
  const scope = scopeOf(run, { work, bus: nullBus, audit: recordedAudit([]), prepared: new Set() });
  return { scope: machine ? { ...scope, machine } : scope, run, kube, work };
}

/** Never aborts. */
export const never = new AbortController().signal;
