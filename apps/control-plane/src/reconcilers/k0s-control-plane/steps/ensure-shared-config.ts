import { createHash } from 'node:crypto';
import { ClusterConfig, conditionTypes } from '@k0smotron/api';
import { done, messageOf, type Intent } from '@k0smotron/core';
import { renderControllerConfig, renderDynamicConfig } from '@k0smotron/k0s';
import { InvalidError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { sharedConfigKey } from '../../../hosts/look.ts';
import { contains, sortedJson } from '../../../machines/json.ts';
import { fieldManager } from '../../../names.ts';
import { clusterOf, isInitialized, type ControlPlaneScope } from '../scope.ts';

/** On k0s's ClusterConfig: hash of what we applied last, by which a field that the user took out is noticed. */
const hashAnnotation = 'k0smotron.io/config-hash';
const type = conditionTypes.sharedConfigApplied;

/**
 * Keeps the configuration that a running cluster's controllers share as the spec says, without new machines (§2.7). What was
 * changed by others is set back, once per look. It blocks nothing: a configuration that k0s refuses is a condition.
 */
export const ensureSharedConfig: Step<ControlPlaneScope> = {
  name: 'ensure shared config',

  async run(scope, signal) {
    const { run, plane, found, workloads, clusterKey } = scope;
    if (!plane.spec.k0sConfigSpec.k0s || !isInitialized(scope) || found.endpoint?.clusterUid === undefined) return done;
    const intent = intentOf(scope);
    const hash = intent.metadata.annotations[hashAnnotation];
    if (found.remembered && scope.memory.config?.hash === hash) return done;
    try {
      const workload = await workloads.client(clusterKey, signal);
      const live = found.endpoint.config ?? (await workload?.get(ClusterConfig, sharedConfigKey, signal));
      if (!workload || !live) {
        found.awaitsConfig = true;
        run.report({ type, status: 'False', reason: 'NotFound', message: notFound });
        return done;
      }
      await apply(scope, live, intent, () =>
        workload.apply(ClusterConfig, intent as Intent<ClusterConfig>, { fieldManager }, signal),
      );
      run.report({ type, status: 'True', reason: 'Applied', message: '' });
    } catch (cause) {
      signal.throwIfAborted();
      reportFailure(scope, cause);
    }
    return done;
  },
};

const notFound =
  'k0s has no ClusterConfig kube-system/k0s: it makes one unless it runs with --enable-dynamic-config=false';

function reportFailure({ run, found, memory }: ControlPlaneScope, cause: unknown): void {
  run.log.warn('Applying the shared configuration failed', { reason: messageOf(cause) });
  const refused = cause instanceof InvalidError;
  found.configNotTaken = !refused;
  if (!refused) delete memory.config;
  const message = refused ? cause.message : 'The API of the cluster did not take it; tried again at the next look';
  run.report({ type, status: 'False', reason: refused ? 'Refused' : 'NotApplied', message });
}

async function apply(
  { memory, run }: ControlPlaneScope,
  live: ClusterConfig,
  intent: ReturnType<typeof intentOf>,
  write: () => Promise<ClusterConfig>,
): Promise<void> {
  const hash = intent.metadata.annotations[hashAnnotation];
  const { annotations, resourceVersion } = live.metadata;
  const applied = annotations?.[hashAnnotation] === hash;
  if (applied && contains(live.spec, intent.spec)) return void (memory.config = { hash, resourceVersion });
  // The server may store less than was written (a field that its k0s does not know): no reason to write it for ever.
  if (applied && memory.config?.hash === hash && memory.config.resourceVersion === resourceVersion) return;
  const stored = await write();
  memory.config = { hash, resourceVersion: stored.metadata.resourceVersion };
  if (annotations?.[hashAnnotation] !== undefined)
    run.event('Normal', 'SharedConfigApplied', 'The k0s configuration was applied');
}

/** What our field manager owns of k0s's ClusterConfig. */
function intentOf(scope: ControlPlaneScope) {
  const { controlPlaneEndpoint, clusterNetwork } = clusterOf(scope).spec;
  const config = renderControllerConfig({
    k0s: scope.plane.spec.k0sConfigSpec.k0s,
    machineName: '', // names the etcd member only, which is not shared
    endpointHost: controlPlaneEndpoint?.host ?? '',
    podCidrs: clusterNetwork?.pods?.cidrBlocks,
    serviceCidrs: clusterNetwork?.services?.cidrBlocks,
    serviceDomain: clusterNetwork?.serviceDomain,
  });
  const { spec } = renderDynamicConfig(config);
  const hash = createHash('sha256').update(sortedJson(spec)).digest('hex').slice(0, 16);
  return { metadata: { ...sharedConfigKey, annotations: { [hashAnnotation]: hash } }, spec: spec as object };
}
