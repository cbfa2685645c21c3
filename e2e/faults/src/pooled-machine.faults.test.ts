import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureBundles } from '@k0smotron/scenarios';
import { killedAfter, preparePool, runPooledMachine, type PooledGround, type PooledRun } from './pooled-machine.ts';
import { tally } from './tally.ts';

/** For a shorter run: every so manieth effect, or only these (`3,17`), as when one of them has failed. */
const { K0SMOTRON_FAULTS_STEP: step = '1', K0SMOTRON_FAULTS_ONLY: only } = process.env;

describe('an infrastructure service that is killed after each effect of a machine’s life', () => {
  let ground: PooledGround;
  let undisturbed: PooledRun;
  const kills: string[] = [];

  beforeAll(async () => {
    await ensureBundles();
    ground = await preparePool();
    undisturbed = await runPooledMachine(ground, 'undisturbed');
  }, 240_000);
  afterAll(async () => {
    tally('pooled-machine', kills);
    await ground?.close();
  }, 60_000);

  it('comes to the same end as one that nobody disturbs', async () => {
    const { end, trace } = undisturbed;
    const failures: string[] = [];
    const all = trace.effects.map((_, at) => at + 1);
    const wanted = (n: number) => (only ? only.split(',').includes(String(n)) : (n - 1) % Number(step) === 0);
    for (const n of all.filter(wanted)) {
      const what = `${n} of ${all.length}: ${trace.effects[n - 1]}`;
      try {
        const run = await runPooledMachine(ground, `killed-${n}`, killedAfter(n), end);
        kills.push(...run.trace.kills);
        expect(run.end).toEqual(end);
        console.log(`${what}: ${run.trace.kills.length} deaths, same end, ${run.seconds.toFixed(1)} s`);
      } catch (error) {
        failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        console.log(failures.at(-1));
        if (failures.length > 2) break; // each waits long for what does not come
      }
    }
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
    expect(await ground.facts.problems('infrastructure')).toEqual([]);
  }, 3_600_000);
});
