import { Cluster } from '@k0smotron/api';
import { apiVersionOf, messageOf, systemClock, type Clock, type Logger } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { LeaderEffect } from '@k0smotron/runtime';

const askAgainMs = 2000;
const lookEveryMs = 30_000;

async function isServed(kube: Pick<KubeClient, 'request'>, signal: AbortSignal): Promise<boolean> {
  const { status } = await kube.request({ method: 'GET', path: `/apis/${apiVersionOf(Cluster)}` }, signal);
  if (status === 200 || status === 404) return status === 200;
  throw new Error(`the API server answered ${status} when asked for Cluster API`);
}

/**
 * Whether this cluster has Cluster API. Without it hosted Clusters are served all the same; the kinds of Cluster API cannot
 * even be watched. Asks until there is an answer.
 */
export async function hasClusterApi(
  kube: Pick<KubeClient, 'request'>,
  logger: Logger,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<boolean> {
  for (;;) {
    try {
      return await isServed(kube, signal);
    } catch (cause) {
      signal.throwIfAborted();
      logger.warn('Cannot tell yet whether there is Cluster API', { reason: messageOf(cause) });
    }
    await clock.sleep(askAgainMs, signal);
  }
}

/** Ends a service that began without Cluster API once it is there: the next start watches its kinds, too. */
export const untilClusterApi: LeaderEffect = async ({ kube, clock }, signal) => {
  for (;;) {
    await clock.sleep(lookEveryMs, signal);
    if (await isServed(kube, signal).catch(() => false)) throw new Error('Cluster API was installed: starting anew');
  }
};
