import { describe, expect, it } from '@jest/globals';
import { Machine } from '@k0smotron/api';
import { aPlane, noSignal, type ControllerOptions, type Plane } from '../../../../testing/a-plane.ts';
import { reportRemediation } from './report-remediation.ts';
import { reportStatus } from './report-status.ts';

const lastTransitionTime = '2026-01-01T00:00:00Z';
const health = (status: string, reason: string) => ({
  type: 'HealthCheckSucceeded',
  status,
  reason,
  lastTransitionTime,
});
const waiting = { type: 'OwnerRemediated', status: 'False', reason: 'WaitingForRemediation', lastTransitionTime };
const marked = (reason: string): ControllerOptions['conditions'] =>
  [health('False', reason), waiting] as ControllerOptions['conditions'];

async function answerOf({ management }: Plane) {
  const machine = await management.get(Machine, { namespace: 'ns', name: 'c-0' });
  return machine?.status?.conditions?.find(({ type }) => type === 'OwnerRemediated');
}

describe('the answer to a health check', () => {
  it('is that the only controller stays, also in the status', async () => {
    const plane = aPlane({ controllers: [{ conditions: marked('NodeDeleted') }] });
    await reportRemediation.run(plane.scope, noSignal);
    expect(await answerOf(plane)).toMatchObject({
      status: 'False',
      reason: 'CannotBeRemediated',
      message: expect.stringContaining('the only controller'),
    });
    reportStatus(plane.scope);
    expect(plane.run.conditions.get('Remediating')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/^Machine c-0: it is the only controller/),
    });
  });

  it('is that it waits while removing it would cost quorum', async () => {
    const failed = { ready: false, conditions: marked('UnhealthyMachine') };
    const plane = aPlane({ controllers: [failed, { ready: false }, {}] });
    await reportRemediation.run(plane.scope, noSignal);
    expect(await answerOf(plane)).toMatchObject({
      reason: 'RemediationDeferred',
      message: 'without c-0 1 of 2 members would be healthy and 2 are needed: c-1 must become healthy first',
    });
  });

  it('is what to write where a controller without kubelet is only missing its Node (SR-3)', async () => {
    const plane = aPlane({ controllers: [{ conditions: marked('NodeStartupTimeout') }, {}, {}] });
    await reportRemediation.run(plane.scope, noSignal);
    expect(await answerOf(plane)).toMatchObject({
      reason: 'CannotBeRemediated',
      message: expect.stringContaining('nodeStartupTimeoutSeconds: 0'),
    });
    reportStatus(plane.scope);
    expect(plane.run.conditions.get('Remediating')?.status).toBe('False');
  });

  it('is not written again while it stays the same', async () => {
    const plane = aPlane({ controllers: [{ conditions: marked('NodeDeleted') }] });
    await reportRemediation.run(plane.scope, noSignal);
    const machine = await plane.management.get(Machine, { namespace: 'ns', name: 'c-0' });
    Object.assign(plane.scope.controllers[0]?.machine ?? {}, { status: machine?.status });
    const before = plane.management.calls.filter(({ verb }) => verb === 'apply').length;
    await reportRemediation.run(plane.scope, noSignal);
    expect(plane.management.calls.filter(({ verb }) => verb === 'apply').length).toBe(before);
  });

  it('is taken back when the health check is content again', async () => {
    const plane = aPlane({
      controllers: [
        { conditions: [health('True', 'HealthCheckSucceeded'), waiting] as ControllerOptions['conditions'] },
      ],
    });
    await reportRemediation.run(plane.scope, noSignal);
    expect(await answerOf(plane)).toBeUndefined();
  });

  it('is nothing where nobody asks', async () => {
    const { scope, management } = aPlane({
      controllers: [{}, { conditions: [health('False', 'NodeDeleted')] as never }],
    });
    await reportRemediation.run(scope, noSignal);
    expect(management.calls).toEqual([]);
  });
});
