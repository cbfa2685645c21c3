import type { Kind, KubeObject } from '@k0smotron/core';
import { keyOf } from '@k0smotron/core';
import type { FakeKube } from '@k0smotron/kube/testing';
import type { CacheReader, Caches } from '@k0smotron/runtime';

/** Caches that hold what the fake API server stores now; kinds of one name in two groups are told apart. */
export async function storedCaches(
  kube: FakeKube,
  kinds: readonly Kind[],
  indexes: Readonly<Record<string, (object: KubeObject) => readonly string[]>>,
): Promise<Caches> {
  const idOf = ({ group, kind }: Kind): string => `${group}/${kind}`;
  const calls = kube.calls.length;
  const lists = new Map<string, readonly KubeObject[]>();
  for (const kind of kinds) lists.set(idOf(kind), await kube.list(kind));
  kube.calls.length = calls; // a cache asks nobody
  return {
    of: <T extends KubeObject>(kind: Kind<T>): CacheReader<T> => {
      const own = lists.get(idOf(kind)) as readonly T[] | undefined;
      if (!own) throw new Error(`${kind.kind} is not watched`);
      return {
        get: (key) => own.find(({ metadata }) => keyOf(metadata) === keyOf(key)),
        list: (namespace) => own.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
        byIndex: (index, value) => own.filter((object) => indexes[index]?.(object).includes(value)),
      };
    },
  };
}
