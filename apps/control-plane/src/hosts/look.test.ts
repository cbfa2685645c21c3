import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../../testing/a-plane.ts';
import { rememberedLook, settledLookMs, watchedLookMs } from './look.ts';
import type { Look } from './seen.ts';

/** What the last look was like, and how things are now. */
interface Before {
  readonly settled: boolean;
  readonly ageMs: number;
  /** Hosts whose sessions are open. */
  readonly open: readonly string[];
  /** Hosts whose services are watched; set when everything was during the look. */
  readonly watched?: readonly string[];
  /** Whether the watch at the endpoint still stands. */
  readonly holds?: boolean;
}

describe('a look that is remembered', () => {
  const looked = ({ settled, ageMs, open, watched, holds = true }: Before) => {
    const { scope } = aPlane({ controllers: [{}, {}] });
    const uidsOf = (names: readonly string[]) =>
      scope.controllers.filter(({ name }) => names.includes(name)).map(({ remote }) => remote?.metadata.uid);
    const hosts = {
      isOpen: (uid: string) => uidsOf(open).includes(uid),
      lines: { isWatched: (uid: string) => uidsOf(watched ?? []).includes(uid) },
    } as never;
    const here = { ...scope, hosts };
    const parts = here.controllers.map(({ machine, remote }) => [
      machine.metadata.uid,
      false,
      remote?.spec.providerID,
      remote?.spec.address,
    ]);
    const of = JSON.stringify([parts, here.cluster?.spec.controlPlaneEndpoint]);
    const atMs = here.run.clock.monotonicMs() - ageMs;
    const look = { atMs, of, settled, watched: watched !== undefined, seen: {} as never, endpoint: {} } satisfies Look;
    here.memory.look = look;
    const watch = { holds, used: () => undefined, close: () => undefined };
    here.memory.endpoint = { of: '', seen: {}, watch };
    return rememberedLook(here);
  };
  const both = ['c-0', 'c-1'];
  const watchedBoth = { settled: true, open: both, watched: both };

  it.each([
    ['settled, half a minute ago', { settled: true, ageMs: settledLookMs / 2, open: both }, true],
    ['settled, but as old as looks get', { settled: true, ageMs: settledLookMs, open: both }, false],
    ['settled, and a host broke its connection since', { settled: true, ageMs: 1000, open: ['c-0'] }, false],
    ['unsettled, in the same moment', { settled: false, ageMs: 100, open: [] }, true],
    ['unsettled, a second ago', { settled: false, ageMs: 1000, open: both }, false],
    ['settled and watched, minutes ago', { ...watchedBoth, ageMs: watchedLookMs / 2 }, true],
    ['settled and watched, but as old as looks get', { ...watchedBoth, ageMs: watchedLookMs }, false],
    ['settled, and a watched service ended since', { ...watchedBoth, ageMs: 1000, watched: ['c-0'] }, false],
    ['settled, and the endpoint or its object changed since', { ...watchedBoth, ageMs: 1000, holds: false }, false],
  ] satisfies [string, Before, boolean][])('%s', (_, look, remembered) => {
    expect(looked(look) !== undefined).toBe(remembered);
  });
});
