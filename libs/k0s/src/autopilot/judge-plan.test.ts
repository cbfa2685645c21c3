import { describe, expect, it } from '@jest/globals';
import { judgePlan, type PlanVerdict } from './judge-plan.ts';
import type { PlanView } from './plan-progress.ts';
import { planId, type NodeUpdate } from './update-plan.ts';

const wish: NodeUpdate = { role: 'controller', node: 'c-0', version: 'v1.34.4+k0s.1' };
const ours = planId(wish);
const before = planId({ ...wish, node: 'c-1' });
const foreign = 'id-of-somebody';
const made = '2026-01-01T00:00:00Z';

const plan = (id: string, state?: string): PlanView => ({
  metadata: { creationTimestamp: made },
  spec: { id },
  ...(state === undefined ? {} : { status: { state } }),
});

const judged = (live: PlanView | undefined, minutes = 1): PlanVerdict =>
  judgePlan(live, wish, new Date(Date.parse(made) + minutes * 60_000));

const textOf = (verdict: PlanVerdict): string => ('because' in verdict ? verdict.because : '');

describe('the Plan of a cluster', () => {
  it('is made where there is none', () => {
    expect(judged(undefined)).toEqual({ kind: 'make' });
  });

  it.each<[string, PlanView, PlanVerdict['kind']]>([
    ['ours, just made', plan(ours), 'wait'],
    ['ours, at work', plan(ours, 'SchedulableWait'), 'wait'],
    ['ours, through', plan(ours, 'Completed'), 'completed'],
    ['ours, failed', plan(ours, 'ApplyFailed'), 'failed'],
    ['ours for another node, at work', plan(before, 'Schedulable'), 'wait'],
    ['ours for another node, through', plan(before, 'Completed'), 'clear'],
    ['ours for another node, failed', plan(before, 'IncompleteTargets'), 'clear'],
    ['of others, at work', plan(foreign, 'Schedulable'), 'wait'],
    ['of others, through', plan(foreign, 'Completed'), 'clear'],
    ['of others, failed', plan(foreign, 'ApplyFailed'), 'wait'],
  ])('that is %s', (_, live, kind) => {
    expect(judged(live).kind).toBe(kind);
  });

  it('is not let stand for ever when it hangs and something else is wished', () => {
    expect(judged(plan(before, 'SchedulableWait'), 16)).toEqual({ kind: 'clear' });
  });

  it('says that it hangs, and where to look', () => {
    expect(textOf(judged(plan(ours, 'SchedulableWait'), 16))).toContain('15 minutes');
  });

  it('says whose it is when others made it, and what to do once it has failed', () => {
    const text = textOf(judged(plan(foreign, 'ApplyFailed')));
    expect(text).toMatch(/id-of-somebody, is not ours and has failed .*delete it/);
  });
});
