import { describe, expect, it } from '@jest/globals';
import { planProgress, type PlanProgress, type PlanView } from './plan-progress.ts';

type Status = NonNullable<PlanView['status']>;

/** As Autopilot of k0s v1.34.4+k0s.0 wrote it for one controller; states that pass too quickly to be seen are from its source. */
const recorded = (state: string, command: string, target: string): Status => ({
  state,
  commands: [{ state: command, k0supdate: { controllers: [{ name: 'c-0', state: target }] } }],
});
const progress = (status: Status | undefined): PlanProgress =>
  planProgress({ metadata: {}, spec: { id: 'x' }, ...(status ? { status } : {}) });

describe('how far a Plan is', () => {
  it.each([
    ['just made', undefined],
    ['told to nobody yet', recorded('SchedulableWait', 'SchedulableWait', 'SignalPending')],
    ['about to tell the node', recorded('Schedulable', 'Schedulable', 'SignalPending')],
    ['told to the node', recorded('SchedulableWait', 'SchedulableWait', 'SignalSent')],
    ['done at the node', recorded('SchedulableWait', 'Completed', 'SignalCompleted')],
  ])('goes on while it is %s', (_, status) => {
    expect(progress(status)).toEqual({ kind: 'running' });
  });

  it('is through', () => {
    expect(progress(recorded('Completed', 'Completed', 'SignalCompleted'))).toEqual({ kind: 'completed' });
  });

  it.each([
    [
      'a download that fails, or has another checksum',
      recorded('ApplyFailed', 'ApplyFailed', 'SignalApplyFailed'),
      /^ApplyFailed: c-0 could not download or install .*checksum/,
    ],
    [
      'a node that Autopilot does not know',
      recorded('IncompleteTargets', 'SchedulableWait', 'SignalMissingNode'),
      /^IncompleteTargets: c-0 is not known to Autopilot/,
    ],
    [
      'no download for the platform',
      recorded('IncompleteTargets', 'SchedulableWait', 'SignalMissingPlatform'),
      /^IncompleteTargets: c-0 has an operating system or architecture/,
    ],
  ])('says why it failed: %s', (_, status, because) => {
    expect(progress(status)).toEqual({ kind: 'failed', because: expect.stringMatching(because) as unknown });
  });

  it.each<[string, Status, string]>([
    ['of the command', { state: 'Warning', commands: [{ description: 'no such API' }] }, 'Warning: no such API'],
    [
      'of the node',
      { state: 'ApplyFailed', commands: [{ k0supdate: { workers: [{ name: 'w', description: '404' }] } }] },
      'ApplyFailed: w: 404',
    ],
    ['of nobody', { state: 'Unheard' }, 'Unheard: k0s gives no reason'],
    ['that we know for the state', { state: 'Restricted' }, 'Restricted: k0s was told not to update such nodes'],
  ])('takes the words %s', (_, status, because) => {
    expect(progress(status)).toEqual({ kind: 'failed', because });
  });
});
