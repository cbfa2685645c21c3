import { describe, expect, it } from '@jest/globals';
import type { Look } from '../../../hosts/seen.ts';
import { aPlane, noSignal } from '../../../../testing/a-plane.ts';
import { prepareGroundwork } from './prepare-groundwork.ts';

const minute = 60_000;

describe('what machines stand on', () => {
  it.each([
    { settled: true, ageMs: 8 * minute, asks: false },
    { settled: true, ageMs: 10 * minute, asks: true },
    { settled: false, ageMs: 0.5 * minute, asks: false },
    { settled: false, ageMs: minute, asks: true },
  ])('is asked for: $asks, $ageMs ms after it was found whole, settled: $settled', async ({ settled, ageMs, asks }) => {
    const { scope, management, clock } = aPlane();
    const { plane, cluster, memory } = scope;
    const of = JSON.stringify([plane.metadata.generation, cluster?.metadata.uid, cluster?.spec.controlPlaneEndpoint]);
    const certificates = { ca: { certPem: 'ca', keyPem: 'key' } };
    memory.groundwork = { of, atMs: clock.monotonicMs(), certificates };
    memory.look = { settled } as Look;
    await clock.advance(ageMs);
    await prepareGroundwork.run(scope, noSignal);
    expect(management.calls.length > 0).toBe(asks);
    // A look that has no keys reads four Secrets: those found with the groundwork serve it.
    expect(scope.found.certificates).toEqual(asks ? undefined : certificates);
  });
});
