import { annotations, ClusterConfig, Namespace } from '@k0smotron/api';
import { isDeleting, messageOf, type Kind, type KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { FoundCertificates } from '../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { isReleased } from '../machines/observed.ts';
import { tellClients } from '../secrets/issuing.ts';
import { observeControllers } from './observe-controllers.ts';
import type { ControllersSeen, EndpointSeen, Look } from './seen.ts';
import { watchEndpoint } from './watch-endpoint.ts';

/**
 * A settled control plane in which everything is watched is looked at this often, for what no watch tells: an alarm of etcd, a
 * member that somebody added, a process that hangs.
 */
export const watchedLookMs = 10 * 60_000;
/** Where something cannot be watched, such as a member without leader. */
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
  if (look.watched) return isWatched(scope) && ageMs < watchedLookMs - slackMs ? look : undefined;
  const lost = running(scope).some(({ remote }) => remote && !scope.hosts.isOpen(remote.metadata.uid));
  return !lost && ageMs < settledLookMs - slackMs ? look : undefined;
}

/** Whether what a look sees would tell if it ended. The watch at the endpoint speaks for the API server where there is one only. */
function isWatched(scope: ControlPlaneScope): boolean {
  const { memory, hosts, found } = scope;
  const asked = running(scope);
  const services = [...(asked.length > 1 ? ['api' as const] : []), ...(found.managesEtcd ? ['etcd' as const] : [])];
  return (
    memory.endpoint?.watch.holds === true &&
    asked.every(
      ({ remote }) =>
        remote &&
        hosts.isOpen(remote.metadata.uid) &&
        services.every((service) => hosts.lines.isWatched(remote.metadata.uid, service)),
    )
  );
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
  const watched = isWatched(scope);
  const look = { atMs: run.clock.monotonicMs(), of: subjectOf(scope), seen, endpoint, watched, settled: false };
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

/** What the watch that stands there vouches for; where none does, one request, and a watch from then on. */
async function lookAtEndpoint(
  scope: ControlPlaneScope,
  seen: ControllersSeen,
  signal: AbortSignal,
): Promise<EndpointSeen> {
  const { run, controllers, cluster, plane, memory } = scope;
  const of = JSON.stringify([cluster?.spec.controlPlaneEndpoint, plane.spec.k0sConfigSpec.k0s !== undefined]);
  if (memory.endpoint?.of === of && memory.endpoint.watch.holds) {
    memory.endpoint.watch.used();
    return memory.endpoint.seen;
  }
  memory.endpoint?.watch.close();
  delete memory.endpoint;
  const overSsh = controllers.some(({ remote }) => remote !== undefined);
  const anyReady = [...seen.byName.values()].some(({ apiReady }) => apiReady);
  if (overSsh && !anyReady) return { problem: 'no API server answers on its host yet' };
  for (const limitMs of endpointLimitsMs) {
    try {
      return await askEndpoint(scope, of, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    } catch (cause) {
      signal.throwIfAborted();
      run.log.debug('The endpoint does not answer', { limitMs, reason: messageOf(cause) });
    }
  }
  return { problem: 'the API does not answer at the endpoint of the Cluster yet' };
}

/** The configuration where there is one to keep, once the cluster's identity is known; that identity else. */
async function askEndpoint(scope: ControlPlaneScope, of: string, limit: AbortSignal): Promise<EndpointSeen> {
  const { workloads, clusterKey, cluster, plane, memory, hosts, run } = scope;
  const workload = await workloads.client(clusterKey, limit);
  if (!workload) return { problem: 'the kubeconfig Secret is not there yet' };
  const known = cluster?.metadata.annotations?.[annotations.clusterId]?.replace(/^kube-system:/, '');
  if (!known || !plane.spec.k0sConfigSpec.k0s) {
    const { item, watch } = await read(workload, Namespace, { name: 'kube-system' }, limit);
    if (!item) return { problem: 'the namespace kube-system is not there yet' };
    const seen = { clusterUid: item.metadata.uid };
    // Without an identity, the next look may want to see the configuration.
    if (known) memory.endpoint = { of, seen, watch: watch(() => hosts.wake(run.key)) };
    return seen;
  }
  const { item: config, watch } = await read(workload, ClusterConfig, sharedConfigKey, limit);
  const seen = { clusterUid: known, ...(config ? { config } : {}) };
  memory.endpoint = { of, seen, watch: watch(() => hosts.wake(run.key)) };
  return seen;
}

/** One object, and a way to watch it from the moment of this reading. */
async function read<T extends KubeObject>(
  workload: KubeClient,
  kind: Kind<T>,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
  limit: AbortSignal,
) {
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  const { items, resourceVersion } = await workload.listing(kind, selection, limit);
  const watched = { workload, kind, selection: { ...selection, resourceVersion } };
  return { item: items.at(0), watch: (over: () => void) => watchEndpoint(watched, over) };
}

/** Where k0s keeps the configuration that its controllers share. */
export const sharedConfigKey = { namespace: 'kube-system', name: 'k0s' };
