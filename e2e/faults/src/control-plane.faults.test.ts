import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Machine as CapiMachine } from '@k0smotron/api';
import { defaultK0sVersion, k0sVersions } from '@k0smotron/lab';
import { membersOn } from '@k0smotron/scenarios';
import { expectInstalledOnce, namesOf } from '@k0smotron/scenarios/testing';
import { minutes, MortalPlane, phasesOf } from './mortal-plane.ts';
import { expectChains, expectTold, PlaneHistory } from './plane-facts.ts';
import { followFacts, type ToldFacts } from './told-facts.ts';

const describeOnK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

describeOnK0s(`four services that die all the time, on k0s ${defaultK0sVersion}`, () => {
  let plane: MortalPlane;
  let facts: ToldFacts;
  let history: PlaneHistory;

  const phase = phasesOf(() => plane);

  beforeAll(async () => {
    plane = await MortalPlane.start(async (system) => void (facts = await followFacts(system)));
    history = new PlaneHistory(plane.system);
  }, 10 * minutes);
  afterAll(async () => {
    await facts?.close();
    await plane?.close('control-plane');
  }, 2 * minutes);

  phase('provisioning', 40 * minutes, async ({ system }) => {
    await plane.expectAll(1);
    await expectTold(system, facts, history);
  });

  phase('scale-up', 40 * minutes, async ({ system, ground }) => {
    await plane.scale(3);
    await plane.expectAll(3);
    const machines = namesOf(await plane.list(CapiMachine));
    for (const host of ground.machines) expect(await membersOn(host)).toEqual(machines);
    await expectInstalledOnce(ground);
    await expectTold(system, facts, history);
  });

  phase('scale-down', 40 * minutes, async ({ system }) => {
    await plane.scale(1);
    await plane.expectAll(1);
    await expectTold(system, facts, history);
  });

  phase('deletion', 40 * minutes, async ({ system }) => {
    await plane.expectDeleted();
    await expectTold(system, facts, history, true);
  });

  it(
    'have died at a removal from etcd, and told everything in one chain for each service',
    async () => {
      expect([...plane.ends].filter((end) => end.endsWith(' etcd MemberRemove'))).not.toEqual([]);
      await expectChains(facts);
    },
    40 * minutes,
  );
});
