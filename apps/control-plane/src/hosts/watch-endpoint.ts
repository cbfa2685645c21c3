import type { Kind, KubeObject } from '@k0smotron/core';
import { UnreachableError, type KubeClient, type WatchOptions } from '@k0smotron/kube';

/** Something that stands at the endpoint of a workload cluster since it was asked. */
export interface EndpointWatch {
  /** True while the endpoint answers and the object is as it was. */
  readonly holds: boolean;
  /** Says that somebody still asks. */
  used(): void;
  close(): void;
}

/** What is watched: one object, from the moment that it was read. */
export interface WatchedObject {
  readonly workload: KubeClient;
  readonly kind: Kind<KubeObject>;
  readonly selection: WatchOptions;
}

/** How long a watch must have stood for its end to be no news: load balancers cut connections that say nothing. */
const shortestMs = 30_000;
/** One that nobody asked for so long is closed; longer than two looks. */
const idleMs = 25 * 60_000;
const timeoutSeconds = 3600;

/** Watches one object until it changes or the endpoint does not answer; `over` hears of that, and not of `close`. */
export function watchEndpoint(watched: WatchedObject, over: () => void): EndpointWatch {
  const closing = new AbortController();
  const close = (): void => closing.abort();
  const idle = setTimeout(close, idleMs).unref();
  let holds = true;
  void untilChanged(watched, closing.signal).finally(() => {
    holds = false;
    clearTimeout(idle);
    if (!closing.signal.aborted) over();
  });
  return {
    get holds() {
      return holds;
    },
    used: () => void idle.refresh(),
    close: () => {
      holds = false;
      close();
    },
  };
}

async function untilChanged(watched: WatchedObject, signal: AbortSignal): Promise<void> {
  let from: string | undefined = watched.selection.resourceVersion;
  let beganMs: number;
  do {
    beganMs = performance.now();
    from = await standFrom(from, watched, signal);
  } while (from !== undefined && !signal.aborted && performance.now() - beganMs >= shortestMs);
}

/** One watch: where the next one goes on when it was cut or came to its usual end, undefined when the object changed. */
async function standFrom(
  resourceVersion: string,
  { workload, kind, selection }: WatchedObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  let from = resourceVersion;
  try {
    for await (const event of workload.watch(kind, { ...selection, resourceVersion, timeoutSeconds }, signal)) {
      if (event.type !== 'BOOKMARK') return undefined;
      from = event.object.metadata.resourceVersion;
    }
    return from;
  } catch (cause) {
    return cause instanceof UnreachableError ? from : undefined;
  }
}
