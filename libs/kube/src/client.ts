import type { Duplex } from 'node:stream';
import type { Intent, Kind, KubeObject, ObjectKey } from '@k0smotron/core';

/** One change that a watch told. A bookmark's object has only `metadata.resourceVersion`. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** Which objects. */
export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only `apiVersion`, `kind` and `metadata` come. */
  readonly metadataOnly?: boolean;
}

/** Which objects, and from when. */
export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  /** The server ends the watch after so many seconds; 240–300 at random when unset. */
  readonly timeoutSeconds?: number;
  /** A stream that is silent for longer is given up; 150 s when unset, or `timeoutSeconds` plus ten seconds if that is less. */
  readonly idleLimitMs?: number;
}

/** A list and the moment that it shows. */
export interface Listing<T extends KubeObject = KubeObject> {
  readonly items: T[];
  readonly resourceVersion: string;
}

/** How to create. */
export interface CreateOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

/** How to apply (style.md §3, apply rules). */
export interface ApplyOptions extends CreateOptions {
  readonly fieldManager: string;
  readonly subresource?: 'status';
  /** Take fields over from other managers; true when unset, as controllers own their fields. */
  readonly force?: boolean;
}

/** A patch in one of the server's formats; `merge` with `metadata.resourceVersion` is a compare-and-swap. */
export interface Patch {
  readonly type: 'merge' | 'json' | 'strategic';
  readonly body: unknown;
}

/** How to patch. */
export interface PatchOptions {
  readonly subresource?: 'status';
  readonly fieldManager?: string;
}

/** How to replace. */
export interface ReplaceOptions {
  readonly subresource?: 'status';
  readonly fieldManager?: string;
}

/** What must hold for a removal, and what becomes of dependents. */
export interface RemoveOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

/** A call to any path. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One API server. Objects are raw JSON as the server stores them, always with `apiVersion` and `kind`. Every method throws
 * `KubeError` subclasses, and the signal's reason when aborted.
 */
export interface KubeClient {
  /** The object, or undefined when it is not there. Throws NotFoundError when the server does not know the kind. */
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, signal?: AbortSignal): Promise<T | undefined>;
  /** All objects; pages are fetched inside. */
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions, signal?: AbortSignal): Promise<T[]>;
  /** As `list`, with the resourceVersion to watch from. */
  listing<T extends KubeObject>(kind: Kind<T>, options?: ListOptions, signal?: AbortSignal): Promise<Listing<T>>;
  /** Throws AlreadyExistsError. */
  create<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options?: CreateOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * Server-side apply. With `metadata.uid` the object must already exist (ConflictError otherwise), so that one just deleted
   * is not created anew. On the status of a custom resource the server does not look at the uid (seen on 1.36): one made anew
   * is then written, and the ConflictError comes after it; give `metadata.resourceVersion` where that must not happen.
   */
  apply<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options: ApplyOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Compare-and-swap on `metadata.resourceVersion`. Throws ConflictError. */
  replace<T extends KubeObject>(kind: Kind<T>, object: T, options?: ReplaceOptions, signal?: AbortSignal): Promise<T>;
  /** Throws NotFoundError, ConflictError. */
  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  /** An object that is not there is success; a failed precondition is a ConflictError. */
  remove(kind: Kind, key: ObjectKey, options?: RemoveOptions, signal?: AbortSignal): Promise<void>;
  /** Any call; the answer comes back whatever its status. The body is parsed when it is JSON, else text. */
  request(options: RawRequest, signal?: AbortSignal): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Changes until the server ends the stream; throws ExpiredError when `resourceVersion` is too old. */
  watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
  /** A connection to a port of a pod, which the API server makes; the signal counts until it is open. Throws UnreachableError. */
  forward(pod: ObjectKey, port: number, signal?: AbortSignal): Promise<Duplex>;
  /** A second client of the same server over connections of its own (ER-6: lease renewal never queues). */
  separate(maxCalls: number): KubeClient;
  /** Lets running calls end, cuts watches, refuses new ones. */
  close(): Promise<void>;
}
