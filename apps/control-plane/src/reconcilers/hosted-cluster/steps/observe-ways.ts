import { done, keyOf, lookAgain, messageOf, waitingOn } from '@k0smotron/core';
import { fingerprint } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { konnectivityOf } from '../../../hosted/endpoint.ts';
import { DaemonSet } from '../../../hosted/kinds.ts';
import { isReady } from '../../../hosted/pods.ts';
import type { ReachProblem, Ways } from '../../../hosted/reach.ts';
import { certificateOf, type HostedScope } from '../scope.ts';

/** While something is in the way nobody tells when that ends. */
const againMs = 15_000;
/** A way that was free is gone again when pods, endpoint or authority change, and at a resync. */
const goodForMs = 300_000;

const agents = { namespace: 'kube-system', name: 'konnectivity-agent' };

/** Goes the two ways of a worker: to the API and to konnectivity, and asks whether the agents have gone theirs. */
export const observeWays: Step<HostedScope> = {
  name: 'observe ways',

  async run(scope, signal) {
    if (!scope.pods.some(isReady)) {
      const problem = { reason: 'NoAPIServer', message: 'no API server is ready yet' };
      tell(scope, { api: problem, konnectivity: problem });
      return waitingOn('a ready pod');
    }
    const ways = await remembered(scope, signal);
    tell(scope, ways);
    const problem = ways.api ?? ways.konnectivity;
    return problem ? lookAgain(againMs, problem.message) : done;
  },
};

async function remembered(scope: HostedScope, signal: AbortSignal): Promise<Ways> {
  const { memory, run, pods, found } = scope;
  const ready = pods.filter(isReady).map(({ metadata }) => metadata.uid);
  const of = JSON.stringify([ready, found.endpoint, fingerprint(certificateOf(scope, 'ca').certPem)]);
  const nowMs = run.clock.monotonicMs();
  const { ways } = memory;
  const goodFor = ways?.found.api || ways?.found.konnectivity ? againMs : goodForMs;
  if (ways?.of === of && nowMs - ways.atMs < goodFor) return ways.found;
  memory.ways = { of, atMs: nowMs, found: await look(scope, signal) };
  return memory.ways.found;
}

async function look(scope: HostedScope, signal: AbortSignal): Promise<Ways> {
  const { found, cluster, reach } = scope;
  if (!found.endpoint) throw new Error('the step needs the endpoint to be chosen first');
  const { certPem } = certificateOf(scope, 'ca');
  const [api, tunnel] = await Promise.all([
    reach(found.endpoint, certPem, signal),
    isKonnectivityOff(scope) ? undefined : reach(konnectivityOf(cluster, found.endpoint), certPem, signal),
  ]);
  const konnectivity = tunnel ?? (api || isKonnectivityOff(scope) ? undefined : await agentProblem(scope, signal));
  return { ...(api && { api }), ...(konnectivity && { konnectivity }) };
}

/** Without workers there are no agents, and nothing is missing. An API that does not answer is told of elsewhere. */
async function agentProblem(scope: HostedScope, signal: AbortSignal): Promise<ReachProblem | undefined> {
  try {
    const workload = await scope.workloads.client(scope.clusterKey, signal);
    const set = await workload?.get(DaemonSet, agents, signal);
    const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0 } = set?.status ?? {};
    if (set && ready >= wanted) return undefined;
    const state = set ? `${ready} of ${wanted} agents are ready` : 'k0s has not made its agents yet';
    const message = `DaemonSet ${keyOf(agents)}: ${state}; logs and exec of pods on workers need them`;
    return { reason: 'AgentsNotReady', message };
  } catch (cause) {
    signal.throwIfAborted();
    scope.run.log.debug('The agents of konnectivity cannot be asked for', { reason: messageOf(cause) });
    return { reason: 'AgentsNotReady', message: `DaemonSet ${keyOf(agents)} cannot be read yet` };
  }
}

const isKonnectivityOff = ({ cluster }: HostedScope): boolean =>
  (cluster.spec.controlPlaneFlags ?? []).join(' ').includes('konnectivity-server');

function tell({ run, ...scope }: HostedScope, { api, konnectivity }: Ways): void {
  const report = (type: string, good: string, problem: ReachProblem | undefined): void =>
    run.report({ type, status: problem ? 'False' : 'True', ...(problem ?? { reason: good, message: '' }) });
  report('EndpointReachable', 'Reachable', api);
  if (isKonnectivityOff({ run, ...scope })) report('KonnectivityReady', 'NotManaged', undefined);
  else report('KonnectivityReady', 'Ready', konnectivity);
}
