import {
  backoffMs,
  messageOf,
  silentLogger,
  silentMeter,
  systemClock,
  type Clock,
  type Kind,
  type KubeObject,
  type Logger,
  type Meter,
} from '@k0smotron/core';
import type { Sink } from './cache.ts';
import type { KubeClient, ListOptions } from './client.ts';
import { ExpiredError, KubeError, NotFoundError, TooManyRequestsError, UnreachableError } from './errors.ts';

/** What to follow, and where to put it. */
export interface ReflectOptions<T extends KubeObject = KubeObject> extends ListOptions {
  readonly client: Pick<KubeClient, 'listing' | 'watch'>;
  readonly kind: Kind<T>;
  readonly sink: Sink<T>;
  /**
   * Tells when the kind may have come to be served, and returns the way to stop. A kind that is not served is asked for again
   * then, and rarely otherwise.
   */
  readonly onDefined?: (listener: () => void) => () => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly random?: () => number;
  /** As WatchOptions; for tests. */
  readonly timeoutSeconds?: number;
  readonly idleLimitMs?: number;
}

/** Pauses after failures; their random half keeps many reflectors from coming back together. */
const pauses = { baseMs: 250, capMs: 10_000 };
/** Where somebody tells when a missing kind appears; first soon, since a definition is told of before it is served. */
const unservedPauses = { baseMs: 250, capMs: 300_000 };
/** Before a relist after 410, since then usually every watch of every service got one. */
const relistSpreadMs = 1_000;
/** As often a server may refuse to resume a watch, by an error other than 410, before we list again. */
const refusalsBeforeRelist = 3;

/**
 * Keeps the sink equal to the server until aborted: list, then watch from there with bookmarks, again and again. Never gives
 * up, whatever fails, and never throws. A watch that ends is resumed where it stopped; only 410 makes it list again, and a
 * server that keeps refusing: at the edge of what etcd has compacted it answers 500 for ever (seen on 1.36). A kind that the
 * server does not serve (404) is waited for, as long as it takes.
 */
export async function reflect<T extends KubeObject>(options: ReflectOptions<T>, signal: AbortSignal): Promise<void> {
  const { clock = systemClock, random = Math.random } = options;
  const state: State = { failures: 0, quiet: true };
  let defined = new AbortController();
  const stopHearing = options.onDefined?.(() => {
    if (state.unserved) state.failures = 0;
    defined.abort();
  });

  while (!signal.aborted) {
    defined = new AbortController(); // before the list: what is told meanwhile must not be missed
    let pauseMs = backoffMs(1, pauses, random);
    try {
      await listAndWatch(options, state, signal);
    } catch (error) {
      if (signal.aborted) break;
      pauseMs = pauseAfter(error, state, options, random);
    }
    const until = state.unserved ? AbortSignal.any([signal, defined.signal]) : signal;
    await clock.sleep(pauseMs, until).catch(() => undefined);
  }
  stopHearing?.();
}

interface State {
  /** Where to resume; undefined means list first. */
  resourceVersion?: string;
  /** Failures since anything was last heard. */
  failures: number;
  /** No failure has been told since anything was last heard. */
  quiet: boolean;
  /** The list was made because resuming was refused: only an event shows that all is well again. */
  refused?: boolean;
  /** The last list was answered with 404. */
  unserved?: boolean;
}

async function listAndWatch<T extends KubeObject>(
  options: ReflectOptions<T>,
  state: State,
  signal: AbortSignal,
): Promise<void> {
  const { client, kind, sink, meter = silentMeter, logger = silentLogger } = options;
  const { namespace, labelSelector, fieldSelector, metadataOnly, timeoutSeconds, idleLimitMs } = options;
  const selection = { namespace, labelSelector, fieldSelector, metadataOnly };
  const heard = (): void => {
    if (!state.quiet) logger.info('Watching again', { kind: kind.kind });
    state.failures = 0;
    state.quiet = true;
    state.refused = false;
  };

  if (state.resourceVersion === undefined) {
    const { items, resourceVersion } = await client.listing(kind, selection, signal);
    meter.count('kube_lists', { kind: kind.kind });
    if (state.unserved) logger.info('The kind is served, watching it', { kind: kind.kind });
    state.unserved = false;
    sink.replace(items, resourceVersion);
    state.resourceVersion = resourceVersion;
    if (!state.refused) heard();
  }
  const watchOptions = { ...selection, timeoutSeconds, idleLimitMs, resourceVersion: state.resourceVersion };
  for await (const { type, object } of client.watch(kind, watchOptions, signal)) {
    if (type === 'BOOKMARK') sink.progressed(object.metadata.resourceVersion);
    else if (type === 'DELETED') sink.remove(object);
    else sink.put(object);
    state.resourceVersion = object.metadata.resourceVersion;
    meter.count('kube_watch_events', { kind: kind.kind, type });
    heard();
  }
}

/** Notes a failure and says how long to wait before the next try. */
function pauseAfter(error: unknown, state: State, options: ReflectOptions, random: () => number): number {
  const { kind, logger = silentLogger } = options;
  if (error instanceof ExpiredError && state.resourceVersion !== undefined) {
    logger.debug('Listing again, the watch has expired', { kind: kind.kind });
    state.resourceVersion = undefined;
    return relistSpreadMs * random();
  }
  state.failures += 1;
  if (error instanceof NotFoundError) return pauseWithoutKind(state, options, random);
  // The first failure may be a restart of the API server; said aloud only when it lasts, and once.
  if (state.failures === 3) {
    state.quiet = false;
    logger.warn('Watching keeps failing, trying on', { kind: kind.kind, error: messageOf(error) });
  }
  if (isRefusal(error) && state.failures % refusalsBeforeRelist === 0) {
    state.resourceVersion = undefined;
    state.refused = true;
  }
  const ownMs = backoffMs(state.failures, pauses, random);
  return error instanceof TooManyRequestsError ? Math.max(ownMs, error.retryAfterMs) : ownMs;
}

/** 404 is about the kind: there is no other name in the path of a list. A watch may have met what only a list shows. */
function pauseWithoutKind(state: State, options: ReflectOptions, random: () => number): number {
  const { kind, sink, onDefined, logger = silentLogger } = options;
  const listed = state.resourceVersion === undefined;
  state.resourceVersion = undefined;
  if (listed && !state.unserved) {
    state.unserved = true;
    logger.info('The server does not serve this kind, waiting for it', { kind: kind.kind, group: kind.group });
    sink.unserved?.();
  }
  return backoffMs(state.failures, state.unserved && onDefined ? unservedPauses : pauses, random);
}

const isRefusal = (error: unknown): boolean =>
  error instanceof KubeError && !(error instanceof UnreachableError) && !(error instanceof TooManyRequestsError);
