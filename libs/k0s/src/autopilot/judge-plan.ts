import { planProgress, type PlanProgress, type PlanView } from './plan-progress.ts';
import { isOurs, planId, type NodeUpdate } from './update-plan.ts';

/** What to do about the one Plan that a cluster can have. */
export type PlanVerdict =
  /** There is none: make ours. */
  | { readonly kind: 'make' }
  /** One that has nothing to do any more is in the way: delete it. Autopilot does not look at a changed Plan. */
  | { readonly kind: 'clear' }
  | { readonly kind: 'wait'; readonly because: string }
  /** Ours has failed; stays so until something else is wished. */
  | { readonly kind: 'failed'; readonly because: string }
  | { readonly kind: 'completed' };

/** A download over a slow line takes minutes; nothing else does. */
const stalledAfterMs = 15 * 60_000;

/** Compares the Plan that is there with what is wished. Plans of others are waited for, and never edited or cut short. */
export function judgePlan(live: PlanView | undefined, wish: NodeUpdate, now: Date): PlanVerdict {
  if (!live) return { kind: 'make' };
  const progress = planProgress(live);
  if (!isOurs(live.spec.id)) return judgeForeign(live.spec.id, progress);
  const stalled = now.getTime() - Date.parse(live.metadata.creationTimestamp ?? '') > stalledAfterMs;
  if (live.spec.id !== planId(wish)) {
    // A running one is let finish: its node may be between two versions.
    return progress.kind === 'running' && !stalled
      ? { kind: 'wait', because: `the Plan before it (${live.spec.id}) has not ended` }
      : { kind: 'clear' };
  }
  if (progress.kind !== 'running') return progress;
  return { kind: 'wait', because: stalled ? stalledText : 'Autopilot is at it' };
}

const stalledText =
  'Autopilot has not finished for 15 minutes: see the log of k0s on that machine, and whether it reaches the download';

function judgeForeign(id: string, progress: PlanProgress): PlanVerdict {
  if (progress.kind === 'completed') return { kind: 'clear' };
  const whose = `the Plan autopilot in the cluster, id ${id}, is not ours`;
  return {
    kind: 'wait',
    because: `${whose} and ${progress.kind === 'failed' ? `has failed (${progress.because}): delete it` : 'has not ended'}`,
  };
}
