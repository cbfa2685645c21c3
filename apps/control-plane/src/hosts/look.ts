import { annotations, ClusterConfig, Namespace } from '@k0smotron/api';
import { isDeleting, messageOf } from '@k0smotron/core';
import type { FoundCertificates } from '../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { isReleased } from '../machines/observed.ts';
import { tellClients } from '../secrets/issuing.ts';
import { observeControllers } from './observe-controllers.ts';
import type { ControllersSeen, EndpointSeen, Look } from './seen.ts';

/**
 * A settled control plane is looked at this often: nothing else tells that somebody changed its shared configuration. A host
 * that goes away breaks its connection and is seen at once.
 */
export const settledLookMs = 60_000;
/** A look that is nearly as old counts as one that is due. */
const slackMs = 5000;
/** Several events of one moment share a look. */
const unsettledMs = 300;
/** The first request may still go to a controller that has left, whose API server never answers; the second is anew. */
const endpointLimitsMs = [3000, 6000];

/** The last look, while it still says something about the present. */
export function rememberedLook(scope: ControlPlaneScope): Look | undefined {
  const { look } = scope.memory;
  if (!look || look.of !== subjectOf(scope)) return undefined;
  const ageMs = scope.run.clock.monotonicMs() - look.atMs;
  if (!look.settled) return ageMs < unsettledMs ? look : undefined;
  const lost = running(scope).some(({ remote }) => remote && !scope.hosts.isOpen(remote.metadata.uid));
  return !lost && ageMs < settledLookMs - slackMs ? look : undefined;
}

/** One that has left etcd only keeps others waiting: its API server and its host are going down. */
const running = ({ controllers }: ControlPlaneScope) =>
  controllers.filter(({ machine, remote }) => remote?.spec.providerID !== undefined && !isReleased(machine));

/** Looks now, and remembers it. */
export async function lookNow(
  scope: ControlPlaneScope,
  certificates: FoundCertificates,
  signal: AbortSignal,
): Promise<Look> {
  const { run, hosts, memory } = scope;
  const asked = running(scope);
  for (const { remote } of asked) if (remote) memory.hosts.add(remote.metadata.uid);
  const options = {
    opener: run,
    hosts,
    certificates,
    now: run.clock.now(),
    log: run.log,
    tellClients: tellClients(scope, signal),
  };
  const seen = await observeControllers(asked, options, signal);
  const endpoint = await lookAtEndpoint(scope, seen, signal);
  const look = { atMs: run.clock.monotonicMs(), of: subjectOf(scope), seen, endpoint, settled: false };
  memory.look = look;
  return look;
}

function subjectOf({ controllers, cluster }: ControlPlaneScope): string {
  const parts = controllers.map(({ machine, remote }) => [
    machine.metadata.uid,
    isDeleting(machine),
    remote?.spec.providerID,
    remote?.spec.address,
  ]);
  return JSON.stringify([parts, cluster?.spec.controlPlaneEndpoint]);
}

/** One request: the configuration where there is one to keep, once the cluster's identity is known; that identity else. */
async function lookAtEndpoint(
  scope: ControlPlaneScope,
  seen: ControllersSeen,
  signal: AbortSignal,
): Promise<EndpointSeen> {
  const { run, controllers } = scope;
  const overSsh = controllers.some(({ remote }) => remote !== undefined);
  const anyReady = [...seen.byName.values()].some(({ apiReady }) => apiReady);
  if (overSsh && !anyReady) return { problem: 'no API server answers on its host yet' };
  for (const limitMs of endpointLimitsMs) {
    try {
      return await askEndpoint(scope, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    } catch (cause) {
      signal.throwIfAborted();
      run.log.debug('The endpoint does not answer', { limitMs, reason: messageOf(cause) });
    }
  }
  return { problem: 'the API does not answer at the endpoint of the Cluster yet' };
}

async function askEndpoint(scope: ControlPlaneScope, limit: AbortSignal): Promise<EndpointSeen> {
  const { workloads, clusterKey, cluster, plane } = scope;
  const workload = await workloads.client(clusterKey, limit);
  if (!workload) return { problem: 'the kubeconfig Secret is not there yet' };
  const known = cluster?.metadata.annotations?.[annotations.clusterId]?.replace(/^kube-system:/, '');
  if (known && plane.spec.k0sConfigSpec.k0s) {
    const config = await workload.get(ClusterConfig, sharedConfigKey, limit);
    return { clusterUid: known, ...(config ? { config } : {}) };
  }
  const namespace = await workload.get(Namespace, { name: 'kube-system' }, limit);
  return namespace ? { clusterUid: namespace.metadata.uid } : { problem: 'the namespace kube-system is not there yet' };
}

/** Where k0s keeps the configuration that its controllers share. */
export const sharedConfigKey = { namespace: 'kube-system', name: 'k0s' };
