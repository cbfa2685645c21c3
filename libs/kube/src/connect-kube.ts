import type { Duplex } from 'node:stream';
import {
  apiVersionOf,
  keyOf,
  silentLogger,
  silentMeter,
  systemClock,
  type Clock,
  type Intent,
  type Kind,
  type KubeObject,
  type Logger,
  type Meter,
  type ObjectKey,
} from '@k0smotron/core';
import { asKind } from './as-kind.ts';
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
} from './client.ts';
import { ConflictError, isStatus, toKubeError } from './errors.ts';
import type { KubeConfig } from './kube-config.ts';
import { listKind } from './list.ts';
import { collectionPath, objectPath } from './paths.ts';
import { forwardPort } from './port-forward.ts';
import { Transport, wordsOf, type Call } from './transport.ts';
import { watchKind } from './watch.ts';

/** What a client may be told besides the server. */
export interface ConnectOptions {
  /** Shown in the server's audit log and flow control; `k0smotron` when unset. */
  readonly userAgent?: string;
  /** Calls at a time; more wait in line. 16 when unset (ER-6). Watches are not counted. */
  readonly maxCalls?: number;
  /** A call without an answer is given up after so long, whatever its own signal says; 60 s when unset. */
  readonly callLimitMs?: number;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly clock?: Clock;
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** A client of one API server. Opens no connection before the first call. */
export function connectKube(config: KubeConfig, options: ConnectOptions = {}): KubeClient {
  const { userAgent = 'k0smotron', maxCalls = 16, callLimitMs = 60_000, clock = systemClock } = options;
  const { logger = silentLogger, meter = silentMeter } = options;
  const transport = new Transport(config, {
    userAgent,
    maxCalls,
    callLimitMs,
    clock,
    onAnswer: (call, status, tookMs) => {
      const labels = { method: call.method, resource: resourceOf(call.path), code: String(status) };
      meter.count('kube_requests', labels);
      if (call.query?.watch === undefined) {
        meter.seconds('kube_request', tookMs / 1_000, { method: labels.method, resource: labels.resource });
      }
      if (status === 0 || status >= 400) logger.debug('Kubernetes call failed', { call: wordsOf(call), status });
    },
  });
  return new HttpKubeClient(transport);
}

/** The plural in a path, for metrics: bounded, never a name. */
function resourceOf(path: string): string {
  const match = /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/(?=[^/]+))?([^/]+)/.exec(path);
  return match?.[1] ?? 'other';
}

class HttpKubeClient implements KubeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, signal?: AbortSignal): Promise<T | undefined> {
    const call: Call = { method: 'GET', path: objectPath(kind, key) };
    const { status, body, retryAfterMs } = await this.#transport.send(call, signal);
    if (isAbsence(status, body, key)) return undefined;
    if (status >= 400) throw toKubeError(status, body, wordsOf(call), retryAfterMs);
    return asKind(kind, body as T);
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}, signal?: AbortSignal): Promise<T[]> {
    return (await listKind(this.#transport, kind, options, signal)).items;
  }

  listing<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}, signal?: AbortSignal): Promise<Listing<T>> {
    return listKind(this.#transport, kind, options, signal);
  }

  create<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options: CreateOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const { namespace } = intent.metadata;
    if (kind.namespaced && !namespace) throw new Error(`${kind.kind} ${keyOf(intent.metadata)}: a namespace is needed`);
    return this.#write(
      kind,
      {
        method: 'POST',
        path: collectionPath(kind, namespace),
        query: { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined },
        body: { apiVersion: apiVersionOf(kind), kind: kind.kind, ...intent },
      },
      signal,
    );
  }

  async apply<T extends KubeObject>(
    kind: Kind<T>,
    intent: Intent<T>,
    options: ApplyOptions,
    signal?: AbortSignal,
  ): Promise<T> {
    const { fieldManager, subresource, force = true, dryRun = false } = options;
    const { uid } = intent.metadata;
    const stored = await this.#write(
      kind,
      {
        method: 'PATCH',
        path: objectPath(kind, intent.metadata, subresource),
        query: { fieldManager, force: String(force), dryRun: dryRun ? 'All' : undefined },
        contentType: 'application/apply-patch+yaml', // JSON is YAML
        body: { apiVersion: apiVersionOf(kind), kind: kind.kind, ...intent },
      },
      signal,
    );
    if (uid === undefined || stored.metadata.uid === uid) return stored;
    throw new ConflictError(409, 'Conflict', `${kind.kind} ${keyOf(intent.metadata)} was made anew`);
  }

  replace<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options: ReplaceOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#write(
      kind,
      {
        method: 'PUT',
        path: objectPath(kind, object.metadata, options.subresource),
        query: { fieldManager: options.fieldManager },
        body: object,
      },
      signal,
    );
  }

  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch,
    options: PatchOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#write(
      kind,
      {
        method: 'PATCH',
        path: objectPath(kind, key, options.subresource),
        query: { fieldManager: options.fieldManager },
        contentType: patchTypes[patch.type],
        body: patch.body,
      },
      signal,
    );
  }

  async remove(kind: Kind, key: ObjectKey, options: RemoveOptions = {}, signal?: AbortSignal): Promise<void> {
    const { uid, resourceVersion, propagation } = options;
    const call: Call = {
      method: 'DELETE',
      path: objectPath(kind, key),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(propagation ? { propagationPolicy: propagation } : {}),
        ...(uid !== undefined || resourceVersion !== undefined ? { preconditions: { uid, resourceVersion } } : {}),
      },
    };
    const { status, body, retryAfterMs } = await this.#transport.send(call, signal);
    if (status >= 400 && !isAbsence(status, body, key)) {
      throw toKubeError(status, body, wordsOf(call), retryAfterMs);
    }
  }

  async request(options: RawRequest, signal?: AbortSignal): Promise<{ status: number; body: unknown }> {
    const { status, body } = await this.#transport.send({ accept: 'application/json, */*', ...options }, signal);
    return { status, body };
  }

  watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    return watchKind(this.#transport, kind, options, signal);
  }

  forward(pod: ObjectKey, port: number, signal?: AbortSignal): Promise<Duplex> {
    return forwardPort(this.#transport, { pod, port }, signal);
  }

  separate(maxCalls: number): KubeClient {
    return new HttpKubeClient(this.#transport.separate(maxCalls));
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #write<T extends KubeObject>(kind: Kind<T>, call: Call, signal?: AbortSignal): Promise<T> {
    return asKind(kind, (await this.#transport.sendOk(call, signal)) as T);
  }
}

/**
 * True when the server says that this very object is not there. A 404 for an unknown kind names no object: taking it for
 * absence would make a missing CRD look like deleted objects.
 */
const isAbsence = (status: number, body: unknown, { name }: ObjectKey): boolean =>
  status === 404 && isStatus(body) && body.details?.name === name;
