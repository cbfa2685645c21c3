import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.ts';

const day = 24 * 3_600_000;

describe("a sleep on the machine's clock", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it("may be longer than Node's timers can count", async () => {
    let awake = false;
    void systemClock.sleep(60 * day).then(() => (awake = true));
    await jest.advanceTimersByTimeAsync(60 * day - 1);
    expect(awake).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  it('ends early with its signal, also a long one', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(60 * day, stop.signal);
    const told = expect(slept).rejects.toThrow('enough');
    await jest.advanceTimersByTimeAsync(30 * day);
    stop.abort(new Error('enough'));
    await told;
    expect(jest.getTimerCount()).toBe(0);
  });
});
