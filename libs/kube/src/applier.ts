import { createHash } from 'node:crypto';
import { keyOf, type Intent, type Kind, type KubeObject, type ObjectKey } from '@k0smotron/core';
import type { KubeClient } from './client.ts';

/** Applies intents of one field manager and leaves out the calls that would change nothing (style.md §3, rule e). */
export interface Applier {
  /**
   * Applies `intent` unless the same one was applied before and the object is still as that apply left it. `stored` is how
   * the object looks now, from a cache; without it the call is always made.
   *
   * @returns what is stored, and whether a call was made.
   */
  apply<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options?: { readonly stored?: T; readonly subresource?: 'status' },
    signal?: AbortSignal,
  ): Promise<{ readonly object: T; readonly called: boolean }>;
  /** Drops what is remembered of an object; call it when the object is gone. */
  forget(kind: Kind, key: ObjectKey): void;
}

interface Memory {
  readonly intentHash: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** An applier with a memory of its own. It remembers a hash per object, never the intent (which may be a Secret). */
export function createApplier(client: Pick<KubeClient, 'apply'>, fieldManager: string): Applier {
  const memories = new Map<string, Memory>();
  const nameOf = (kind: Kind, key: ObjectKey, part = ''): string =>
    `${kind.group}/${kind.plural}/${part} ${keyOf(key)}`;

  return {
    async apply(kind, intent, { stored, subresource } = {}, signal) {
      const name = nameOf(kind, intent.metadata, subresource);
      const intentHash = hashOf(intent);
      const memory = memories.get(name);
      const unchanged =
        memory?.intentHash === intentHash &&
        memory.uid === stored?.metadata.uid &&
        memory.resourceVersion === stored.metadata.resourceVersion;
      if (stored && unchanged) return { object: stored, called: false };

      memories.delete(name);
      const object = await client.apply(kind, intent, { fieldManager, subresource }, signal);
      const { uid, resourceVersion } = object.metadata;
      memories.set(name, { intentHash, uid, resourceVersion });
      return { object, called: true };
    },
    forget(kind, key) {
      memories.delete(nameOf(kind, key));
      memories.delete(nameOf(kind, key, 'status'));
    },
  };
}

/** SHA-256 of the JSON with sorted keys, so that the order in which an intent was built does not matter. */
function hashOf(intent: unknown): string {
  const sorted = JSON.stringify(intent, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('base64');
}
