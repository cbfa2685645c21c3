import type { Duplex } from 'node:stream';
import {
  keyOf,
  systemClock,
  type Clock,
  type Intent,
  type Kind,
  type KubeObject,
  type ObjectKey,
} from '@k0smotron/core';
import { asKind } from '../src/as-kind.ts';
import type {
  ApplyOptions,
  CreateOptions,
  KubeClient,
  ListOptions,
  Listing,
  Patch,
  PatchOptions,
  RawRequest,
  RemoveOptions,
  ReplaceOptions,
  WatchEvent,
  WatchOptions,
} from '../src/client.ts';
import { AlreadyExistsError, ConflictError, InvalidError, NotFoundError, UnreachableError } from '../src/errors.ts';
import { assertSame, normalised, ownable, partOf, type Precondition, type Stored } from './fake-objects.ts';
import { FakeStore } from './fake-store.ts';
import { FakeWatches } from './fake-watches.ts';
import { jsonPatch, mergePatch } from './patches.ts';
import { isSelected } from './selectors.ts';

/** A verb of the client. */
export type Verb = 'get' | 'list' | 'create' | 'apply' | 'replace' | 'patch' | 'remove' | 'watch' | 'request';

/** One call that was made. */
export interface RecordedCall {
  readonly verb: Verb;
  /** The kind's name, or the path of a raw request. */
  readonly what: string;
  readonly key?: string;
  readonly fieldManager?: string;
  readonly subresource?: string;
}

type Json = Record<string, unknown>;

/** How a fake is made. */
export interface FakeKubeOptions {
  /** Stored at the start, as they are given, status included; their kinds come from `apiVersion` and `kind`. */
  readonly objects?: readonly SeedObject[];
  readonly clock?: Clock;
  /** Answers raw requests; `/readyz`, `/livez` and `/healthz` say ok when unset, everything else 404. */
  readonly onRequest?: (request: RawRequest) => { readonly status: number; readonly body: unknown };
}

/** Any object to start with. */
export type SeedObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/**
 * An API server in memory, for unit tests of controllers. Held to the same contract as the real client (`contract.ts`).
 * Not there: schemas, defaults, admission, garbage collection by owner, namespaces' life; every kind is served until told.
 */
export class FakeKube implements KubeClient {
  readonly #store: FakeStore;
  readonly #watches: FakeWatches;
  readonly #options: FakeKubeOptions;
  readonly #unserved = new Set<string>();
  #failures: { readonly verb: Verb; readonly what?: string; readonly error: Error }[] = [];
  /** All calls in order, failed ones included. */
  readonly calls: RecordedCall[] = [];

  constructor(options: FakeKubeOptions = {}) {
    this.#options = options;
    this.#store = new FakeStore(options.clock ?? systemClock);
    this.#watches = new FakeWatches(this.#store);
    for (const object of options.objects ?? []) this.seed(object);
  }

  /** Stores an object as somebody else would, status and all, without a recorded call. Returns what is stored. */
  seed<T extends KubeObject = KubeObject>(object: SeedObject): T {
    const { apiVersion, kind: name, metadata } = object;
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const kind: Kind<T> = { group, version, kind: name, plural: '', namespaced: metadata.namespace !== undefined };
    const existing = this.#store.read(kind, metadata);
    if (!existing) return this.#store.insert(kind, object);
    const main = this.#store.update(kind, existing, object, 'main');
    return this.#store.update(kind, main, object, 'status');
  }

  /** The next call of that verb (and kind or path) throws `error` and changes nothing. */
  failNext(verb: Verb, error: Error, what?: string): void {
    this.#failures.push({ verb, error, what });
  }

  /** From now on every call about the kind finds nothing, 404, as before its definition is there. Open watches end. */
  unserve({ kind }: Pick<Kind, 'kind'>): void {
    this.#unserved.add(kind);
    this.cutWatches();
  }

  /** Serves the kind again. */
  serve({ kind }: Pick<Kind, 'kind'>): void {
    this.#unserved.delete(kind);
  }

  /** Ends all open watches, as a restart of the server does. */
  cutWatches(): void {
    this.#watches.cut();
  }

  /** Makes every version up to now too old to watch from: 410. */
  expireWatches(): void {
    this.#watches.expire();
  }

  async get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, signal?: AbortSignal): Promise<T | undefined> {
    await this.#enter({ verb: 'get', what: kind.kind, key: keyOf(key) }, signal);
    return this.#store.read(kind, key);
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}, signal?: AbortSignal): Promise<T[]> {
    return (await this.listing(kind, options, signal)).items;
  }

  async listing<T extends KubeObject>(
    kind: Kind<T>,
    options: ListOptions = {},
    signal?: AbortSignal,
  ): Promise<Listing<T>> {
    await this.#enter({ verb: 'list', what: kind.kind }, signal);
    const items = this.#store.all(kind).filter((object) => isSelected(object, options));
    const shown = options.metadataOnly
      ? items.map(({ apiVersion, kind: k, metadata }) => ({ apiVersion, kind: k, metadata }) as T)
      : items;
    return { items: shown, resourceVersion: this.#store.resourceVersion };
  }

  async create<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options: CreateOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const key = keyOf(intent.metadata);
    await this.#enter({ verb: 'create', what: kind.kind, key, fieldManager: options.fieldManager }, signal);
    if (kind.namespaced && !intent.metadata.namespace) throw new Error(`${kind.kind} ${key}: a namespace is needed`);
    if (this.#store.read(kind, intent.metadata)) {
      throw new AlreadyExistsError(409, 'AlreadyExists', `${kind.plural} "${intent.metadata.name}" already exists`);
    }
    return this.#insert(kind, intent, options, (ownership, main) => {
      ownership.update({}, main, `${options.fieldManager ?? 'unknown'} `);
    });
  }

  async apply<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options: ApplyOptions,
    signal?: AbortSignal,
  ): Promise<T> {
    const { fieldManager, subresource, force = true } = options;
    await this.#enter(
      { verb: 'apply', what: kind.kind, key: keyOf(intent.metadata), fieldManager, subresource },
      signal,
    );
    const before = this.#store.read(kind, intent.metadata);
    const { uid, resourceVersion } = intent.metadata;
    if (!before) {
      if (subresource) throw new NotFoundError(404, 'NotFound', `${kind.plural} "${intent.metadata.name}" not found`);
      if (uid !== undefined) {
        throw new ConflictError(
          409,
          'Conflict',
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      }
      return this.#insert(kind, intent, options, (ownership, main) => {
        ownership.apply({}, main, `${fieldManager} `, force);
      });
    }
    // As on the real server, a status is written before its uid is looked at.
    assertSame(kind, before, { uid: subresource ? undefined : uid, resourceVersion });
    const owned = partOf(normalised(kind, intent as unknown as Stored), subresource ?? 'main');
    const live = structuredClone(before) as unknown as Json;
    const changed = this.#store
      .ownershipOf(kind, before.metadata)
      .apply(live, owned, `${fieldManager} ${subresource ?? ''}`, force);
    if (options.dryRun) return asKind(kind, live as unknown as T);
    const after = this.#store.update(kind, before, live, subresource ?? 'main');
    const stored = changed && after === before ? this.#store.touch(kind, before) : after;
    assertSame(kind, stored, { uid });
    return stored;
  }

  async replace<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options: ReplaceOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const { subresource, fieldManager } = options;
    const key = keyOf(object.metadata);
    await this.#enter({ verb: 'replace', what: kind.kind, key, subresource, fieldManager }, signal);
    return this.#change(kind, object.metadata, object.metadata, options, () => object as unknown as Json);
  }

  async patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch,
    options: PatchOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const { subresource, fieldManager } = options;
    await this.#enter({ verb: 'patch', what: kind.kind, key: keyOf(key), subresource, fieldManager }, signal);
    const { uid, resourceVersion } =
      (patch.body as { metadata?: { uid?: string; resourceVersion?: string } }).metadata ?? {};
    return this.#change(kind, key, { uid, resourceVersion }, options, (before) => {
      if (patch.type !== 'json') return mergePatch(before, patch.body) as Json;
      try {
        return jsonPatch(before, patch.body as Parameters<typeof jsonPatch>[1]) as Json;
      } catch (cause) {
        throw new InvalidError(422, 'Invalid', `the server rejected our request: ${(cause as Error).message}`, {
          cause,
        });
      }
    });
  }

  async remove(kind: Kind, key: ObjectKey, options: RemoveOptions = {}, signal?: AbortSignal): Promise<void> {
    await this.#enter({ verb: 'remove', what: kind.kind, key: keyOf(key) }, signal);
    if (this.#store.read(kind, key)) this.#store.remove(kind, key, options);
  }

  async request(options: RawRequest, signal?: AbortSignal): Promise<{ status: number; body: unknown }> {
    await this.#enter({ verb: 'request', what: options.path }, signal);
    if (this.#options.onRequest) return this.#options.onRequest(options);
    const probe = ['/readyz', '/livez', '/healthz'].includes(options.path);
    return probe ? { status: 200, body: 'ok' } : { status: 404, body: '404 page not found' };
  }

  async *watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    await this.#enter({ verb: 'watch', what: kind.kind });
    if (!signal.aborted) yield* this.#watches.watch(kind, options, signal);
  }

  /** The fake itself: it has no connections. */
  separate(): KubeClient {
    return this;
  }

  /** No pod runs here. */
  forward(pod: ObjectKey): Promise<Duplex> {
    return Promise.reject(new UnreachableError(`pod ${keyOf(pod)} runs nowhere`));
  }

  async close(): Promise<void> {}

  async #enter(call: RecordedCall, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.calls.push(call);
    await Promise.resolve();
    if (this.#unserved.has(call.what)) throw new NotFoundError(404, 'NotFound', '404 page not found');
    const found = this.#failures.find(({ verb, what }) => verb === call.verb && (what ?? call.what) === call.what);
    if (!found) return;
    this.#failures = this.#failures.filter((failure) => failure !== found);
    throw found.error;
  }

  #insert<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    { dryRun }: CreateOptions,
    own: (ownership: ReturnType<FakeStore['ownershipOf']>, main: Json) => void,
  ): T {
    const main = partOf(normalised(kind, intent as unknown as Stored), 'main');
    if (dryRun) return asKind(kind, structuredClone(main) as unknown as T);
    own(this.#store.ownershipOf(kind, intent.metadata), main);
    return this.#store.insert(kind, main as Stored);
  }

  #change<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    precondition: Precondition,
    { subresource, fieldManager = 'unknown' }: PatchOptions,
    edit: (before: T) => Json,
  ): T {
    const before = this.#store.read(kind, key);
    if (!before) throw new NotFoundError(404, 'NotFound', `${kind.plural} "${key.name}" not found`);
    assertSame(kind, before, precondition);
    const wanted = normalised(kind, edit(structuredClone(before)) as Stored);
    const after = this.#store.update(kind, before, wanted, subresource ?? 'main');
    if (after !== before) {
      const manager = `${fieldManager} ${subresource ?? ''}`;
      this.#store.ownershipOf(kind, key).update(ownable(before), ownable(after), manager);
    }
    return after;
  }
}

/** An API server in memory. */
export const fakeKube = (options: FakeKubeOptions = {}): FakeKube => new FakeKube(options);
