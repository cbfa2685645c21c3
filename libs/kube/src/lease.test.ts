import { describe, expect, it } from '@jest/globals';
import { eventually, fakeClock, type FakeClock } from '@k0smotron/testing';
import { fakeKube, type FakeKube } from '../testing/index.ts';
import { UnreachableError } from './errors.ts';
import { leaseKind } from './lease-record.ts';
import { holdLease, type HeldLease, type LeaseOptions } from './lease.ts';

const name = { namespace: 'system', name: 'leader' };
const never = new AbortController().signal;

function world() {
  const clock = fakeClock();
  const kube = fakeKube({ clock });
  const hold = (identity: string, over: Partial<LeaseOptions> = {}): Promise<HeldLease> =>
    holdLease(kube, { ...name, identity, clock, ...over }, never);
  return { clock, kube, hold };
}

/** Lets time pass in small steps, so that each sleeper sees its own moment. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 250) await clock.advance(250);
}

/** Passes time until the promise is settled; returns how much it took. */
async function timeUntil<T>(
  clock: FakeClock,
  promise: Promise<T>,
  limitMs = 30_000,
): Promise<{ value: T; tookMs: number }> {
  const settled = promise.then((value) => ({ value }));
  for (let tookMs = 0; tookMs <= limitMs; tookMs += 250) {
    const won = await Promise.race([
      settled,
      new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
    ]);
    if (won) return { value: won.value, tookMs };
    await clock.advance(250);
  }
  throw new Error(`not settled in ${limitMs} ms`);
}

const holderIn = async (kube: FakeKube): Promise<string> =>
  (await kube.get(leaseKind, name))?.spec?.holderIdentity ?? '';
const failRenewals = (kube: FakeKube, times: number): void => {
  for (let i = 0; i < times; i += 1) kube.failNext('replace', new UnreachableError('cut'));
};

describe('holdLease', () => {
  it('takes a lease that is not there, and keeps it', async () => {
    const { clock, kube, hold } = world();
    const held = await hold('one');
    await pass(clock, 60_000);
    expect(held.stillHeld()).toBe(true);
    expect(await holderIn(kube)).toMatch(/^one_/);
    expect(held.epoch).toEqual({ leaseUid: expect.any(String), transitions: 1 });
    const renewals = kube.calls.filter(({ verb }) => verb === 'replace').length;
    expect(renewals).toBeGreaterThanOrEqual(14);
    expect(renewals).toBeLessThanOrEqual(15);
    await held.release();
  });

  it('hands over within two seconds of a release', async () => {
    const { clock, hold } = world();
    const first = await hold('one');
    const waiting = hold('two');
    await pass(clock, 20_000);
    expect(first.stillHeld()).toBe(true);
    await first.release();
    const { value: second, tookMs } = await timeUntil(clock, waiting);
    expect(tookMs).toBeLessThanOrEqual(2_250);
    expect(first.stillHeld()).toBe(false);
    expect(second.epoch.transitions).toBe(2);
    expect(second.epoch.leaseUid).toBe(first.epoch.leaseUid);
    await second.release();
  });

  it('is taken over after a crash, not before its time and within 15 s', async () => {
    const { clock, kube, hold } = world();
    const dead = await hold('one');
    await pass(clock, 10_000);
    const live = await kube.get(leaseKind, name);
    failRenewals(kube, 3);
    const { tookMs } = await timeUntil(clock, dead.lost);
    expect(tookMs).toBeLessThanOrEqual(8_250);
    const renewedAtMs = Date.parse(live?.spec?.renewTime ?? '');
    const waiting = hold('two');
    const { value: second } = await timeUntil(clock, waiting);
    const afterMs = clock.now().getTime() - renewedAtMs;
    expect(afterMs).toBeGreaterThanOrEqual(12_000);
    expect(dead.stillHeld()).toBe(false);
    await second.release();
  });

  it('gives up by its own clock 8 s after the last confirmed renewal', async () => {
    const { clock, kube, hold } = world();
    const why: string[] = [];
    const held = await hold('one', { onLost: (reason) => why.push(reason) });
    failRenewals(kube, 9);
    await pass(clock, 7_500);
    expect(held.stillHeld()).toBe(true);
    await pass(clock, 500);
    expect(held.stillHeld()).toBe(false);
    await held.lost;
    expect(why).toEqual(['no renewal was confirmed for 8000 ms']);
  });

  it('knows at once that it is lost when the process slept past its time', async () => {
    const { clock, hold } = world();
    const held = await hold('one');
    let first: boolean | undefined;
    const sleeper = clock.sleep(60_000).then(() => {
      first = held.stillHeld();
    });
    await clock.advance(60_000);
    await sleeper;
    expect(first).toBe(false);
    await held.lost;
  });

  it('survives a renewal whose answer was lost', async () => {
    const { clock, kube, hold } = world();
    const held = await hold('one');
    // The write happened, the answer did not come: the next renewal meets a newer version that is ours.
    const stored = await kube.get(leaseKind, name);
    if (!stored) throw new Error('no lease');
    await kube.replace(leaseKind, { ...stored, spec: { ...stored.spec, renewTime: '2026-01-01T00:00:01.000000Z' } });
    await pass(clock, 12_000);
    expect(held.stillHeld()).toBe(true);
    await held.release();
  });

  it('is kept while renewals land and their answers are lost, as a slow API server makes it', async () => {
    const { clock, kube, hold } = world();
    const held = await hold('one');
    const replace = kube.replace.bind(kube);
    kube.replace = async (...args) => {
      await replace(...args);
      throw new UnreachableError('no answer in time');
    };
    await pass(clock, 30_000);
    expect(held.stillHeld()).toBe(true);
    kube.get = () => Promise.reject(new UnreachableError('no answer in time')); // now nobody says that they land
    await pass(clock, 9_000);
    expect(held.stillHeld()).toBe(false);
  });

  it('is free after a release although the answer to its last renewal was lost', async () => {
    const { kube, hold } = world();
    const held = await hold('one');
    const stored = await kube.get(leaseKind, name);
    if (!stored) throw new Error('no lease');
    await kube.replace(leaseKind, { ...stored, spec: { ...stored.spec, renewTime: '2026-01-01T00:00:01.000000Z' } });
    await held.release();
    expect(await holderIn(kube)).toBe('');
  });

  it('is lost when somebody deletes it', async () => {
    const { clock, kube, hold } = world();
    const held = await hold('one');
    await kube.remove(leaseKind, name);
    await pass(clock, 4_500);
    expect(held.stillHeld()).toBe(false);
  });

  it('is lost as soon as another is seen to hold it', async () => {
    const { clock, kube, hold } = world();
    const held = await hold('one');
    const stored = await kube.get(leaseKind, name);
    if (!stored) throw new Error('no lease');
    await kube.replace(leaseKind, { ...stored, spec: { ...stored.spec, holderIdentity: 'thief' } });
    await pass(clock, 4_500);
    expect(held.stillHeld()).toBe(false);
    expect(await holderIn(kube)).toBe('thief');
  });

  it('stops waiting when aborted', async () => {
    const { clock, kube, hold } = world();
    const first = await hold('one');
    const over = new AbortController();
    const waiting = holdLease(kube, { ...name, identity: 'two', clock }, over.signal);
    await pass(clock, 3_000);
    over.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    await first.release();
  });

  it('never has two holders at a time, whatever fails', async () => {
    const { clock, kube, hold } = world();
    const holders = [hold('a'), hold('b'), hold('c')];
    const got: HeldLease[] = [];
    for (const holder of holders) void holder.then((held) => got.push(held));
    for (let i = 0; i < 400; i += 1) {
      if (i % 7 === 0) kube.failNext('replace', new UnreachableError('cut'));
      if (i % 90 === 60) failRenewals(kube, 6);
      await clock.advance(250);
      expect(got.filter((held) => held.stillHeld()).length).toBeLessThanOrEqual(1);
    }
    await eventually(() => expect(got.length).toBeGreaterThan(1), { timeoutMs: 100 });
    const epochs = got.map(({ epoch }) => epoch.transitions);
    expect(epochs).toEqual([...epochs].sort((x, y) => x - y));
    expect(new Set(epochs).size).toBe(epochs.length);
    await Promise.all(got.map((held) => held.release()));
  });
});
