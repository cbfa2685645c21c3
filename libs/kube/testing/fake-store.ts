import { randomUUID } from 'node:crypto';
import { keyOf, rfc3339, type Clock, type Kind, type KubeObject, type ObjectKey } from '@k0smotron/core';
import { asKind } from '../src/as-kind.ts';
import type { RemoveOptions } from '../src/client.ts';
import { ConflictError, InvalidError, NotFoundError } from '../src/errors.ts';
import { Ownership } from './ownership.ts';

/** One change, with what was stored before it. */
export interface Change {
  readonly resourceVersion: number;
  readonly kindName: string;
  readonly before?: KubeObject;
  readonly after?: KubeObject;
  /** How a DELETED event shows the object. */
  readonly last?: KubeObject;
}

type Json = Record<string, unknown>;

/** Which part of an object a write may change. */
export type Part = 'main' | 'status';

/** Group and kind: versions of one kind are one set of objects. */
export const kindNameOf = ({ group, kind }: Pick<Kind, 'group' | 'kind'>): string => `${group}/${kind}`;

/** The objects of a fake API server: versions, generations, finalizers, ownership of fields. */
export class FakeStore {
  readonly #clock: Clock;
  readonly #objects = new Map<string, KubeObject>();
  readonly #ownership = new Map<string, Ownership>();
  readonly #listeners = new Set<() => void>();
  readonly changes: Change[] = [];
  #version = 1_000;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  /** Lets a version pass by, as writes of other kinds do. Returns the new one. */
  skipVersion(): number {
    return Number(this.#next());
  }

  read<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    const object = this.#objects.get(this.#place(kind, key));
    return object && asKind(kind, structuredClone(object) as T);
  }

  all<T extends KubeObject>(kind: Kind<T>): T[] {
    const start = `${kindNameOf(kind)} `;
    const found = [...this.#objects].filter(([place]) => place.startsWith(start));
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => asKind(kind, structuredClone(object) as T));
  }

  ownershipOf(kind: Kind, key: ObjectKey): Ownership {
    const place = this.#place(kind, key);
    const ownership = this.#ownership.get(place) ?? new Ownership();
    this.#ownership.set(place, ownership);
    return ownership;
  }

  /** Stores a new object; what only the server may set is set here. */
  insert<T extends KubeObject>(kind: Kind<T>, wanted: Json & { metadata: { name: string } }): T {
    const { uid: _uid, resourceVersion: _version, ...metadata } = wanted.metadata as Json;
    const object = {
      ...structuredClone(wanted),
      metadata: {
        ...structuredClone(metadata),
        uid: randomUUID(),
        resourceVersion: this.#next(),
        creationTimestamp: rfc3339(this.#clock.now()),
        ...(kind.group === '' ? {} : { generation: 1 }),
      },
    } as unknown as T;
    return this.#store(kind, undefined, asKind(kind, object));
  }

  /** Stores a new state of `before`; server-owned metadata stays, and unchanged objects keep their version. */
  update<T extends KubeObject>(kind: Kind<T>, before: T, wanted: Json, part: Part): T {
    const { status, ...main } = wanted;
    const old = before as T & { status?: unknown };
    const next = (part === 'status' ? { ...before, status } : { ...main, status: old.status }) as T & {
      status?: unknown;
    };
    if (next.status === undefined) delete next.status;
    const { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion } = before.metadata;
    const kept = { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion };
    const settled = structuredClone({ ...next, metadata: withoutUndefined({ ...next.metadata, ...kept }) });
    assertFinalizers(before, settled);
    if (JSON.stringify(sorted(settled)) === JSON.stringify(sorted(before))) return before;
    return this.#store(kind, before, this.#stamped(kind, before, settled));
  }

  /** A new version of an unchanged object: only ownership of fields moved. */
  touch<T extends KubeObject>(kind: Kind<T>, before: T): T {
    return this.#store(kind, before, this.#stamped(kind, before, structuredClone(before)));
  }

  /** Deletes, or marks as being deleted while finalizers hold it. */
  remove(kind: Kind, key: ObjectKey, { uid, resourceVersion }: RemoveOptions): void {
    const object = this.read(kind, key);
    if (!object) throw new NotFoundError(404, 'NotFound', `${kind.plural} ${keyOf(key)} not found`);
    const { metadata } = object;
    const fits =
      (uid ?? metadata.uid) === metadata.uid &&
      (resourceVersion ?? metadata.resourceVersion) === metadata.resourceVersion;
    if (!fits) throw new ConflictError(409, 'Conflict', `${kind.plural} ${keyOf(key)}: the precondition failed`);
    if ((metadata.finalizers ?? []).length === 0) {
      this.#drop(kind, object);
    } else if (metadata.deletionTimestamp === undefined) {
      const deletionTimestamp = rfc3339(this.#clock.now());
      const generation = metadata.generation === undefined ? undefined : metadata.generation + 1;
      const marked = {
        ...metadata,
        deletionTimestamp,
        ...(generation ? { generation } : {}),
        resourceVersion: this.#next(),
      };
      this.#store(kind, object, { ...object, metadata: marked });
    }
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamped<T extends KubeObject>(kind: Kind, before: T, next: T): T {
    const specChanged = kind.group !== '' && specOf(before) !== specOf(next);
    const generation = specChanged ? (before.metadata.generation ?? 1) + 1 : before.metadata.generation;
    return { ...next, metadata: withoutUndefined({ ...next.metadata, generation, resourceVersion: this.#next() }) };
  }

  #store<T extends KubeObject>(kind: Kind<T>, before: T | undefined, object: T): T {
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) {
      this.#drop(kind, object, before);
      return object;
    }
    this.#objects.set(this.#place(kind, object.metadata), structuredClone(object));
    this.#tell({ kindName: kindNameOf(kind), before, after: object, resourceVersion: this.#version });
    return structuredClone(object);
  }

  #drop(kind: Kind, object: KubeObject, before: KubeObject = object): void {
    const place = this.#place(kind, object.metadata);
    this.#objects.delete(place);
    this.#ownership.delete(place);
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } };
    this.#tell({ kindName: kindNameOf(kind), before, last, resourceVersion: this.#version });
  }

  #tell(change: Change): void {
    this.changes.push(structuredClone(change));
    for (const listener of this.#listeners) listener();
  }

  #place(kind: Kind, key: ObjectKey): string {
    return `${kindNameOf(kind)} ${keyOf(kind.namespaced ? key : { name: key.name })}`;
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

function assertFinalizers(before: KubeObject, after: KubeObject): void {
  if (before.metadata.deletionTimestamp === undefined) return;
  const added = (after.metadata.finalizers ?? []).filter((name) => !before.metadata.finalizers?.includes(name));
  if (added.length > 0) {
    throw new InvalidError(
      422,
      'Invalid',
      'metadata.finalizers: no new finalizers can be added if the object is being deleted',
    );
  }
}

function specOf(object: KubeObject): string {
  const { metadata: _metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
  return JSON.stringify(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, part]) => [k, sorted(part)]));
}

const withoutUndefined = <M extends object>(metadata: M): M =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as M;
