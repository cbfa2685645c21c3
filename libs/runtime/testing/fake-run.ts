import {
  keyOf,
  silentLogger,
  systemClock,
  type Clock,
  type Kind,
  type KubeObject,
  type Logger,
  type ObjectKey,
} from '@k0smotron/core';
import type { CacheReader, Caches, ConditionInput, Run } from '../src/index.ts';
import type { KubeClient } from '@k0smotron/kube';

/** What {@link fakeRun} may be given. */
export interface FakeRunOptions {
  readonly kube?: KubeClient;
  /** See {@link fakeCaches}. */
  readonly caches?: Caches;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** A Run that records what was asked of it. */
export interface FakeRun<T extends KubeObject> extends Run<T> {
  /** The last report of each condition type. */
  readonly conditions: ReadonlyMap<string, ConditionInput>;
  readonly events: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
  readonly finalizers: ReadonlySet<string>;
  readonly written: readonly KubeObject[];
}

/** Stands in for the runtime in unit tests of steps. Annotations are patched where `kube` stores the object. Without `kube`, any call to the API server fails the test. */
export function fakeRun<T extends KubeObject>(object: T, options: FakeRunOptions = {}): FakeRun<T> {
  const { name, namespace } = object.metadata;
  const conditions = new Map<string, ConditionInput>();
  const events: { type: string; reason: string; message: string }[] = [];
  const finalizers = new Set(object.metadata.finalizers);
  const written: KubeObject[] = [];
  const { conditions: _, ...status } = (object as { status?: Record<string, unknown> }).status ?? {};

  const key: ObjectKey = namespace === undefined ? { name } : { namespace, name };
  const kube = options.kube ?? refusing;

  return {
    object,
    key,
    kube,
    caches: options.caches ?? fakeCaches([]),
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLogger,
    status: structuredClone(status),
    term: { leaseUid: 'lease-uid', transitions: 1, acquiredAtMs: 0 },
    epoch: 'lease-uid/1',
    report: (condition) => void conditions.set(condition.type, condition),
    event: (type, reason, message) => void events.push({ type, reason, message }),
    annotate: async (annotations) => {
      const body = { metadata: { uid: object.metadata.uid, annotations } };
      written.push(await kube.patch(kindOf(object), key, { type: 'merge', body }));
    },
    ensureFinalizer: (finalizer) => {
      finalizers.add(finalizer);
      return Promise.resolve();
    },
    releaseFinalizer: (finalizer) => {
      finalizers.delete(finalizer);
      return Promise.resolve();
    },
    expectWritten: (seen) => void written.push(seen),
    conditions,
    events,
    finalizers,
    written,
  };
}

/** Caches that hold these objects, told apart by `kind`. Indexes are given by name. */
export function fakeCaches(
  objects: readonly KubeObject[],
  indexes: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {},
): Caches {
  return {
    of: <T extends KubeObject>(kind: Kind<T>): CacheReader<T> => {
      const own = objects.filter((object) => object.kind === kind.kind) as T[];
      return {
        get: (key: ObjectKey) => own.find(({ metadata }) => keyOf(metadata) === keyOf(key)),
        list: (namespace) => own.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
        byIndex: (index, value) => {
          const valuesOf = indexes[index];
          if (!valuesOf) throw new Error(`no index ${index}: give it to fakeCaches`);
          return own.filter((object) => valuesOf(object).includes(value));
        },
      };
    },
  };
}

/** As the fake API server tells kinds apart; it has no use for the plural. */
function kindOf({ apiVersion, kind, metadata }: KubeObject): Kind {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind, plural: kind.toLowerCase(), namespaced: metadata.namespace !== undefined };
}

/** A client of which nothing may be asked. */
const refusing = new Proxy({} as KubeClient, {
  get: (_, method) => () => {
    throw new Error(`unexpected call of kube.${String(method)}: give fakeRun a client`);
  },
});
