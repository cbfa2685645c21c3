import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultK0sVersion, k0sVersions } from '@k0smotron/lab';
import type { System } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { minutes, MortalPlane, phasesOf } from './mortal-plane.ts';
import { auditors, expectAcknowledged, expectChains, expectTold, lineOf, PlaneHistory } from './plane-facts.ts';
import { followFacts, type ToldFacts } from './told-facts.ts';

/** How long NATS is away: longer than it remembers ids (two minutes), so what is told again after it is in the stream twice. */
const { K0SMOTRON_FAULTS_OUTAGE_S: outageS = '600' } = process.env;
const describeOnK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

/** SR-8 where it is hardest: those who tell die, and what they tell it to is away, then loses all it had. */
describeOnK0s('services that die all the time, without NATS and with one whose disk was lost', () => {
  let plane: MortalPlane;
  let history: PlaneHistory;
  let stoppedAt: number;
  let facts: ToldFacts | undefined;

  const stopBroker = async ({ nats }: System): Promise<void> => {
    await nats.stop();
    stoppedAt = performance.now();
  };
  const linesOf = (told: ToldFacts): string[] => told.all().map(lineOf);

  const phase = phasesOf(() => plane);

  beforeAll(async () => {
    plane = await MortalPlane.start(stopBroker);
    history = new PlaneHistory(plane.system);
  }, 10 * minutes);
  afterAll(async () => {
    await facts?.close();
    await plane?.close('broker');
  }, 2 * minutes);

  phase('a long time without NATS', 60 * minutes, async ({ system }) => {
    await plane.expectAll(1);
    await history.look();
    await plane.scale(3);
    await plane.expectAll(3);
    await delay(stoppedAt + Number(outageS) * 1000 - performance.now());
    await system.nats.start();
    facts = await followFacts(system, 'after-outage');
    await expectTold(system, facts, history);
  });

  it(
    'have told everything in one chain for each service',
    async () => {
      if (!facts) throw new Error('no facts to look at');
      await expectChains(facts);
      await facts.close();
      facts = undefined;
    },
    60 * minutes,
  );

  phase('the loss of all facts', 60 * minutes, async ({ system }) => {
    await expectAcknowledged(system);
    await system.nats.stop();
    await rm(join(system.lab.dir, 'nats'), { recursive: true, force: true });
    await system.nats.start();
    const told = (facts = await followFacts(system, 'after-loss'));
    const gaps = auditors.map((service) => `ConfigMap k0smotron-audit-${service} audit-gap-found`);
    await eventually(
      async () => {
        await history.look();
        const lines = linesOf(told);
        expect(lines.filter((line) => line.includes('gap-found')).sort()).toEqual(gaps);
        expect(lines).toEqual(expect.arrayContaining([...history.state]));
      },
      { timeoutMs: 15 * minutes, everyMs: 500, what: 'the gaps, and what is still true' },
    );
    await expectChains(told, [{ kind: 'gap', from: 1, to: expect.any(Number) }]);
  });

  phase('deletion', 40 * minutes, async () => {
    await plane.expectDeleted();
    const ends = history.all(true).filter((line) => / clean-up$| released$/.test(line));
    expect(ends).toHaveLength(6);
    await eventually(() => expect(facts && linesOf(facts)).toEqual(expect.arrayContaining(ends)), {
      timeoutMs: 15 * minutes,
      everyMs: 500,
      what: 'the facts of the deletion',
    });
  });
});
