import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureBundles } from '@k0smotron/scenarios';
import type { Moment } from './aim.ts';
import { killedAfter, preparePool, runPooledMachine, type PooledGround, type PooledRun } from './pooled-machine.ts';
import { tally } from './tally.ts';

/** For a shorter run: every so manieth effect, or only these (`3,17`), as when one of them has failed. */
const { K0SMOTRON_FAULTS_STEP: step = '1', K0SMOTRON_FAULTS_ONLY: only } = process.env;

interface Point {
  readonly n: number;
  readonly moment: Moment;
}

/** Both sides of each effect. */
const pointsOf = (effects: readonly string[]): readonly Point[] =>
  effects.flatMap((_, at) => (['sent', 'answered'] as const).map((moment) => ({ n: at + 1, moment })));

describe('an infrastructure service that is killed after each effect of a machine’s life', () => {
  let ground: PooledGround;
  let undisturbed: PooledRun;
  const kills = { provisioning: [] as string[], deletion: [] as string[] };

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
    const wanted = ({ n }: Point) => (only ? only.split(',').includes(String(n)) : (n - 1) % Number(step) === 0);
    for (const { n, moment } of pointsOf(trace.effects).filter(wanted)) {
      const what = `${n} of ${trace.effects.length}, ${moment}: ${trace.effects[n - 1]}`;
      try {
        const run = await runPooledMachine(ground, `killed-${n}-${moment}`, killedAfter(n, moment), end);
        kills.provisioning.push(...run.kills.provisioning);
        kills.deletion.push(...run.kills.deletion);
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
