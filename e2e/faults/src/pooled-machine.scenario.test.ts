import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureBundles } from '@k0smotron/scenarios';
import { killedAfter, preparePool, runPooledMachine, type PooledGround, type PooledRun } from './pooled-machine.ts';
import { firstOfEachMedium } from './trace.ts';

/** A sample of what `npm run test:faults` does: one death for each kind of effect, and some more after it. */
describe('an infrastructure service that is killed again and again', () => {
  let ground: PooledGround;
  let undisturbed: PooledRun;

  beforeAll(async () => {
    await ensureBundles();
    ground = await preparePool();
    undisturbed = await runPooledMachine(ground, 'undisturbed');
  }, 240_000);
  afterAll(() => ground?.close(), 60_000);

  it('comes to the same end as one that nobody disturbs', async () => {
    const { end, trace } = undisturbed;
    expect(end.provisioned).toMatchObject({ count: 'one\ntwo\nthree\nplain1\n' });
    expect(end.deleted).toMatchObject({ remotes: [], files: [], audit: ['k0smotron-audit-infrastructure'] });
    const kinds = firstOfEachMedium(trace.effects);
    expect(kinds.map(([kind]) => kind).sort()).toEqual([
      'api DELETE',
      'api PATCH',
      'api POST',
      'api PUT',
      'nats',
      'ssh command',
      'ssh input',
    ]);
    for (const [kind, n] of kinds) {
      const run = await runPooledMachine(ground, `sample-${n}`, killedAfter(n), end);
      console.log(`${kind}, effect ${n}: killed after ${run.trace.kills.join(' | ')}`);
      expect(run.trace.kills.length).toBeGreaterThan(0);
      expect(run.end).toEqual(end);
    }
    expect(await ground.facts.problems('infrastructure')).toEqual([]);
  }, 240_000);
});
