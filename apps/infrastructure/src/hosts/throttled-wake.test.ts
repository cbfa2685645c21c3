import { describe, expect, it } from '@jest/globals';
import { fakeClock } from '@k0smotron/testing';
import { paceOf, throttledWake } from './throttled-wake.ts';

/** A wake among `running` pieces of work, and how often it came. */
function setUp(running: number) {
  const clock = fakeClock();
  const state = { running, wakes: 0 };
  const wake = throttledWake(
    clock,
    () => (state.wakes += 1),
    () => paceOf(state.running),
  );
  return { clock, state, wake };
}

describe('a throttled wake', () => {
  it('comes a second after the start, then every three seconds, however often something moved', async () => {
    const { clock, state, wake } = setUp(1);
    wake.soon();
    wake.soon();
    await clock.advance(999);
    expect(state.wakes).toBe(0);
    await clock.advance(1);
    expect(state.wakes).toBe(1);
    wake.soon();
    await clock.advance(2999);
    expect(state.wakes).toBe(1);
    await clock.advance(1);
    expect(state.wakes).toBe(2);
  });

  it('comes less often the more work runs: four a second for all together', async () => {
    const { clock, state, wake } = setUp(40);
    wake.soon();
    await clock.advance(9_999);
    expect(state.wakes).toBe(0);
    await clock.advance(1);
    expect(state.wakes).toBe(1);
  });

  it('counts the work that began after it', async () => {
    const { clock, state, wake } = setUp(1);
    wake.soon();
    state.running = 40;
    await clock.advance(1000);
    expect(state.wakes).toBe(0);
    await clock.advance(9_000);
    expect(state.wakes).toBe(1);
  });

  it('comes no more once it is stopped', async () => {
    const { clock, state, wake } = setUp(1);
    wake.soon();
    wake.stop();
    await clock.advance(60_000);
    wake.soon();
    await clock.advance(60_000);
    expect(state.wakes).toBe(0);
  });
});
