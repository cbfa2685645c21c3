import { describe, expect, it } from '@jest/globals';
import { Secret } from '@k0smotron/api';
import { bootstrapTokenSecret, joinTokenLifetimeMs, tokenExpiration } from '@k0smotron/k0s';
import { aWorld, noSignal } from '../../../testing/a-world.ts';
import { joinTokenAnnotation } from '../../names.ts';
import { tendJoinToken } from './tend-join-token.ts';

const start = new Date('2026-01-01T00:00:00Z');
const key = { namespace: 'kube-system', name: 'bootstrap-token-abcdef' };
const token = (expiresAt = new Date(start.getTime() + joinTokenLifetimeMs)) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  ...bootstrapTokenSecret({
    token: { id: 'abcdef', secret: 'x'.repeat(16) },
    role: 'worker',
    expiresAt,
    description: '',
  }),
});
const annotations = { [joinTokenAnnotation]: 'abcdef' };

describe('tending a join token', () => {
  it('asks once when it ends, and nothing more while most of its life is left', async () => {
    const { scope, workload, again } = await aWorld({ annotations, workload: [token()] });
    await tendJoinToken.run(scope, noSignal);
    const asked = workload.calls.length;
    for (let event = 0; event < 20; event += 1) await tendJoinToken.run(await again(), noSignal);
    expect(asked).toBe(1);
    expect(workload.calls.length).toBe(asked);
  });

  it('gives it its whole life again once a third is spent', async () => {
    const { scope, workload, clock, again } = await aWorld({ annotations, workload: [token()] });
    const outcome = await tendJoinToken.run(scope, noSignal);
    if (outcome.kind !== 'again') throw new Error('it must look again');
    await clock.advance(outcome.afterMs);
    await tendJoinToken.run(await again(), noSignal);
    const stored = await workload.get(Secret, key);
    const lifeMs = (tokenExpiration(stored?.data)?.getTime() ?? 0) - clock.now().getTime();
    expect(Math.round(lifeMs / 1000)).toBe(joinTokenLifetimeMs / 1000);
  });

  it('does not bring back one that is gone', async () => {
    const { scope, workload } = await aWorld({ annotations });
    await tendJoinToken.run(scope, noSignal);
    expect(await workload.get(Secret, key)).toBeUndefined();
  });

  it('revokes it once the machine has joined, tells of it and forgets it', async () => {
    const machineStatus = { nodeRef: { name: 'w' } };
    const { scope, workload, facts, run, again } = await aWorld({ annotations, workload: [token()], machineStatus });
    await tendJoinToken.run(scope, noSignal);
    expect(await workload.get(Secret, key)).toBeUndefined();
    expect(facts.map(({ type }) => type)).toEqual([expect.stringContaining('revoked')]);
    expect((await again()).config.metadata.annotations?.[joinTokenAnnotation]).toBeUndefined();
    expect([...run.finalizers]).toEqual([]);
  });

  it('asks nothing of a cluster whose machine has joined long ago', async () => {
    const { scope, workload } = await aWorld({ machineStatus: { nodeRef: { name: 'w' } } });
    expect((await tendJoinToken.run(scope, noSignal)).kind).toBe('done');
    expect(workload.calls).toEqual([]);
  });
});
