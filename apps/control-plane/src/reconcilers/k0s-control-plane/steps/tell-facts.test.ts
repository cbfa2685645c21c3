import { describe, expect, it } from '@jest/globals';
import { aPlane, noSignal } from '../../../../testing/a-plane.ts';
import { tellFacts } from './tell-facts.ts';

const available = { type: 'Available', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

describe('facts about a control plane', () => {
  it('are told after the status that they are about is stored', async () => {
    const { scope, facts, again } = aPlane({
      controllers: [],
      status: { availableReplicas: 1, conditions: [available] },
    });
    await tellFacts.run(scope, noSignal);
    await tellFacts.run(again(), noSignal);
    const [initialised, , repeat] = facts.map(({ id }) => id);
    expect(repeat).toBe(initialised); // so that the bus drops it
    expect(facts.slice(0, 2).map(({ data }) => data)).toEqual([
      expect.objectContaining({ fact: 'initialised' }),
      expect.objectContaining({
        fact: 'available',
        details: { version: 'v1.34.4+k0s.0', availableReplicas: 1, since: '2026-01-01T00:00:00Z' },
      }),
    ]);
  });

  it('tell of each controller that stays, with the same id each time', async () => {
    const { scope, facts, again } = aPlane({
      controllers: [{}, {}, { deleting: true }],
      status: { initialization: {} },
    });
    await tellFacts.run(scope, noSignal);
    await tellFacts.run(again(), noSignal);
    expect(facts.slice(0, 2).map(({ data }) => data.details)).toEqual([
      { machine: 'c-0', replicas: 2 },
      { machine: 'c-1', replicas: 2 },
    ]);
    expect(facts.slice(2).map(({ id }) => id)).toEqual(facts.slice(0, 2).map(({ id }) => id));
  });

  it('are not told before', async () => {
    const { scope, facts } = aPlane({ controllers: [], status: { initialization: {} } });
    await tellFacts.run(scope, noSignal);
    expect(facts).toEqual([]);
  });
});
