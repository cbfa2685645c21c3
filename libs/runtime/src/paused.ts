import { done, lookAgain, waitingOn, type Condition, type KubeObject, type Outcome } from '@k0smotron/core';
import type { Run } from './run.ts';

const pausedAnnotation = 'cluster.x-k8s.io/paused';

/** The part of a Cluster that says whether its objects are paused. */
export interface PausableCluster extends KubeObject {
  readonly spec?: { readonly paused?: boolean };
}

/** The switches that are on, in words; empty when the object is not paused. */
function switches({ kind, metadata }: KubeObject, cluster: PausableCluster | undefined): string[] {
  const own = metadata.annotations?.[pausedAnnotation] !== undefined; // any value counts, "false" too (P-01)
  return [
    ...(cluster?.spec?.paused === true ? ['Cluster spec.paused is set to true'] : []),
    ...(own ? [`${kind} has the ${pausedAnnotation} annotation`] : []),
  ];
}

/**
 * Reports the condition `Paused` and says whether the run may go on (P-01, P-02): `done` when not paused; `waiting` when
 * paused; `again` on the first run after a pause, which only writes the condition. Deletion pauses as well. Controllers
 * watch the Cluster, so that its un-pausing wakes the key.
 */
export function observePaused<T extends KubeObject>(run: Run<T>, cluster: PausableCluster | undefined): Outcome {
  const on = switches(run.object, cluster);
  if (on.length > 0) {
    run.report({ type: 'Paused', status: 'True', reason: 'Paused', message: on.join(', ') });
    return waitingOn('the end of the pause');
  }
  run.report({ type: 'Paused', status: 'False', reason: 'NotPaused', message: '' });
  return wasPaused(run.object) ? lookAgain(0, 'the pause has ended') : done;
}

function wasPaused(object: KubeObject): boolean {
  const { status } = object as { readonly status?: { readonly conditions?: readonly Condition[] } };
  return status?.conditions?.some(({ type, status: value }) => type === 'Paused' && value === 'True') ?? false;
}
