import { ConfigMap } from '@k0smotron/api';
import { emptyChain, type ChainEnd, type SealedFact } from '@k0smotron/events';
import { AlreadyExistsError, type KubeClient } from '@k0smotron/kube';
import { fieldManager, type AuditNames } from './names.ts';

/** What the head says: where the chain ends, and what of it the broker has not acknowledged yet. */
export interface Head {
  readonly end: ChainEnd;
  /** The end of the chain as far as the broker has acknowledged it. */
  readonly acknowledged: number;
  /** The stream that acknowledged last, and its place there. */
  readonly stream: string;
  readonly streamSequence: number;
  /** Sealed, in order; told again until the broker has them. */
  readonly unacknowledged: readonly Sealed[];
}

/** A sealed fact and the record that it was made of. */
export interface Sealed {
  readonly recordId: string;
  readonly fact: SealedFact;
}

/** A head as it was read, with what compare-and-swap needs. */
export interface StoredHead {
  readonly head: Head;
  readonly object: ConfigMap;
}

const initial: Head = { end: emptyChain, acknowledged: 0, stream: '', streamSequence: 0, unacknowledged: [] };

/** Reads the head, making one for an empty chain where there is none; `publicKey` (PEM) is shown beside it to auditors. */
export async function readHead(
  kube: KubeClient,
  names: AuditNames,
  publicKey: string,
  signal: AbortSignal,
): Promise<StoredHead> {
  const key = { namespace: names.namespace, name: names.head };
  const existing = await kube.get(ConfigMap, key, signal);
  if (existing) return { head: parse(existing), object: existing };
  try {
    const object = await kube.create(
      ConfigMap,
      { metadata: key, data: { head: JSON.stringify(initial), publicKey } },
      { fieldManager },
      signal,
    );
    return { head: initial, object };
  } catch (cause) {
    if (!(cause instanceof AlreadyExistsError)) throw cause;
    return readHead(kube, names, publicKey, signal);
  }
}

/**
 * Moves the head by compare-and-swap.
 *
 * @throws ConflictError when somebody else moved it since it was read.
 */
export async function moveHead(
  kube: KubeClient,
  { object }: StoredHead,
  head: Head,
  signal: AbortSignal,
): Promise<StoredHead> {
  const data = { ...object.data, head: JSON.stringify(head) };
  return { head, object: await kube.replace(ConfigMap, { ...object, data }, { fieldManager }, signal) };
}

function parse({ metadata, data }: ConfigMap): Head {
  try {
    return JSON.parse(data?.['head'] ?? '') as Head;
  } catch (cause) {
    const { namespace, name } = metadata;
    throw new Error(
      `ConfigMap ${namespace}/${name}: its head cannot be read; restore it, or delete it to begin a new chain`,
      {
        cause,
      },
    );
  }
}
