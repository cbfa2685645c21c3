import { annotations, Namespace } from '@k0smotron/api';
import { done, lookAgain, messageOf, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { isReady } from '../../../hosted/pods.ts';
import type { HostedScope } from '../scope.ts';

const limitMs = 5000;
const againMs = 5000;

/** Asks the API at the endpoint, from where everybody will talk to it, and writes the cluster's identity down once. */
export const observeApi: Step<HostedScope> = {
  name: 'observe api',

  async run(scope, signal) {
    const { found, pods, run } = scope;
    if (!pods.some(isReady)) {
      found.api = { problem: 'no API server is ready yet' };
      return waitingOn('a ready pod');
    }
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const workload = await scope.workloads.client(scope.clusterKey, limit);
      const system = await workload?.get(Namespace, { name: 'kube-system' }, limit);
      if (!system) return unanswered(scope, 'the API has no namespace kube-system yet');
      found.api = { clusterUid: system.metadata.uid };
    } catch (cause) {
      signal.throwIfAborted();
      run.log.debug('The API of the hosted cluster does not answer', { reason: messageOf(cause) });
      const { host, port } = found.endpoint ?? {};
      return unanswered(
        scope,
        `the API does not answer at ${host}:${port} although a pod is ready: check the way there`,
      );
    }
    await identify(scope, `kube-system:${found.api.clusterUid}`);
    return done;
  },
};

function unanswered({ found }: HostedScope, problem: string): Outcome {
  found.api = { problem };
  return lookAgain(againMs, problem);
}

async function identify({ run, cluster }: HostedScope, id: string): Promise<void> {
  if (cluster.metadata.annotations?.[annotations.clusterId] !== id) await run.annotate({ [annotations.clusterId]: id });
}
