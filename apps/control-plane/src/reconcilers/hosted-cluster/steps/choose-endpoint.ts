import { Node } from '@k0smotron/api';
import { done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { ForbiddenError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { endpointAnnotation, endpointOf } from '../../../hosted/endpoint.ts';
import type { Service } from '../../../hosted/kinds.ts';
import type { HostedScope } from '../scope.ts';

/** Nodes are not watched for this: one without an address gets it once in its life. */
const nodesAgainMs = 10_000;

/** Finds where the API is reached and keeps to it: an endpoint that moves would strand workers and kubeconfigs. */
export const chooseEndpoint: Step<HostedScope> = {
  name: 'choose endpoint',

  async run(scope, signal) {
    const { run, cluster, found } = scope;
    found.endpoint = endpointOf(cluster);
    if (!found.endpoint) {
      const host = await chooseHost(scope, signal);
      if (typeof host !== 'string') return host;
      await run.annotate({ [endpointAnnotation]: host });
      found.endpoint = { host, port: cluster.spec.service.apiPort };
    }
    run.report({ type: 'ControlPlaneExposed', status: 'True', reason: 'Exposed', message: '' });
    return done;
  },
};

function chooseHost(scope: HostedScope, signal: AbortSignal): string | Outcome | Promise<string | Outcome> {
  const { found, cluster, names } = scope;
  const [service] = found.services ?? [];
  switch (cluster.spec.service.type) {
    case 'ClusterIP':
      return service?.spec?.clusterIP ?? hold(scope, `Service ${names.service} to have an address`);
    case 'LoadBalancer': {
      const what = `a load balancer for Service ${names.service}: install one, or write spec.externalAddress`;
      return loadBalancerOf(service) ?? hold(scope, what);
    }
    case 'NodePort':
      return nodeAddress(scope, signal);
  }
}

/** An address says more than a name. */
function loadBalancerOf(service: Service | undefined): string | undefined {
  const given = service?.status?.loadBalancer?.ingress ?? [];
  return given.find(({ ip }) => ip)?.ip ?? given.find(({ hostname }) => hostname)?.hostname;
}

async function nodeAddress(scope: HostedScope, signal: AbortSignal): Promise<string | Outcome> {
  try {
    const host = addressOf(await scope.site.kube.list(Node, {}, signal));
    if (host) return host;
  } catch (cause) {
    // A service that may see one namespace only cannot see nodes.
    if (!(cause instanceof ForbiddenError)) throw cause;
  }
  hold(scope, 'a node with an address that we may see: write spec.externalAddress');
  return lookAgain(nodesAgainMs, 'a node with an address');
}

function hold({ run }: HostedScope, what: string): Outcome {
  run.report({ type: 'ControlPlaneExposed', status: 'False', reason: 'NotExposed', message: `Waiting for ${what}` });
  return waitingOn(what);
}

/** Of the oldest node with an address; one from outside is better. */
function addressOf(nodes: readonly Node[]): string | undefined {
  const oldestFirst = nodes.toSorted((a, b) =>
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp, 'en'),
  );
  const all = oldestFirst.flatMap(({ status }) => status?.addresses ?? []);
  return (all.find(({ type }) => type === 'ExternalIP') ?? all.find(({ type }) => type === 'InternalIP'))?.address;
}
