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
import { ExpiredError, KubeError, TooManyRequestsError, UnreachableError } from './errors.ts';

/** What to follow, and where to put it. */
export interface ReflectOptions<T extends KubeObject = KubeObject> extends ListOptions {
  readonly client: Pick<KubeClient, 'listing' | 'watch'>;
  readonly kind: Kind<T>;
  readonly sink: Sink<T>;
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
/** Before a relist after 410, since then usually every watch of every service got one. */
const relistSpreadMs = 1_000;
/** As often a server may refuse to resume a watch, by an error other than 410, before we list again. */
const refusalsBeforeRelist = 3;

/**
 * Keeps the sink equal to the server until aborted: list, then watch from there with bookmarks, again and again. Never gives
 * up, whatever fails, and never throws. A watch that ends is resumed where it stopped; only 410 makes it list again, and a
 * server that keeps refusing: at the edge of what etcd has compacted it answers 500 for ever (seen on 1.36).
 */
export async function reflect<T extends KubeObject>(options: ReflectOptions<T>, signal: AbortSignal): Promise<void> {
  const { clock = systemClock, random = Math.random } = options;
  const state: State = { failures: 0, quiet: true };

  while (!signal.aborted) {
    let pauseMs = backoffMs(1, pauses, random);
    try {
      await listAndWatch(options, state, signal);
    } catch (error) {
      if (signal.aborted) return;
      pauseMs = pauseAfter(error, state, options, random);
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
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

const isRefusal = (error: unknown): boolean =>
  error instanceof KubeError && !(error instanceof UnreachableError) && !(error instanceof TooManyRequestsError);
