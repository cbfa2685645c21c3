import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../../testing/a-plane.ts';
import { rememberedLook, settledLookMs } from './look.ts';
import type { Look } from './seen.ts';

describe('a look that is remembered', () => {
  /** A plane whose last look was `ageMs` ago, with sessions to the hosts of these names still open. */
  const looked = ({ settled, ageMs, open }: { settled: boolean; ageMs: number; open: readonly string[] }) => {
    const { scope } = aPlane({ controllers: [{}, {}] });
    const uids = scope.controllers.filter(({ name }) => open.includes(name)).map(({ remote }) => remote?.metadata.uid);
    const hosts = { isOpen: (uid: string) => uids.includes(uid) } as never;
    const here = { ...scope, hosts };
    const parts = here.controllers.map(({ machine, remote }) => [
      machine.metadata.uid,
      false,
      remote?.spec.providerID,
      remote?.spec.address,
    ]);
    const of = JSON.stringify([parts, here.cluster?.spec.controlPlaneEndpoint]);
    const atMs = here.run.clock.monotonicMs() - ageMs;
    here.memory.look = { atMs, of, settled, seen: {} as never, endpoint: {} } satisfies Look;
    return rememberedLook(here);
  };
  const both = ['c-0', 'c-1'];

  it.each([
    ['settled, half a minute ago', { settled: true, ageMs: settledLookMs / 2, open: both }, true],
    ['settled, but as old as looks get', { settled: true, ageMs: settledLookMs, open: both }, false],
    ['settled, and a host broke its connection since', { settled: true, ageMs: 1000, open: ['c-0'] }, false],
    ['unsettled, in the same moment', { settled: false, ageMs: 100, open: [] }, true],
    ['unsettled, a second ago', { settled: false, ageMs: 1000, open: both }, false],
  ])('%s', (_, look, remembered) => {
    expect(looked(look) !== undefined).toBe(remembered);
  });
});
