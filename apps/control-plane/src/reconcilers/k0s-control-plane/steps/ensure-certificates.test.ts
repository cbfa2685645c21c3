import { describe, expect, it } from '@jest/globals';
import { aPlane, noSignal } from '../../../../testing/a-plane.ts';
import { ensureCertificates } from './ensure-certificates.ts';

const created = ({ management }: ReturnType<typeof aPlane>): number =>
  management.calls.filter(({ verb, what }) => verb === 'create' && what === 'Secret').length;

describe('the key pairs of a cluster', () => {
  it('are made before it lives, four of them', async () => {
    const plane = aPlane({ status: { initialization: {} }, controllers: [] });
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'done' });
    expect(created(plane)).toBe(4);
    expect(plane.run.conditions.get('CertificatesAvailable')).toMatchObject({ status: 'True' });
  });

  it('are never made anew for one that lives: that would break it (CP-16)', async () => {
    const plane = aPlane();
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'again' });
    expect(created(plane)).toBe(0);
    expect(plane.run.conditions.get('CertificatesAvailable')).toMatchObject({ status: 'False', reason: 'Missing' });
  });

  it('are not made anew after a move either, when the status is empty and a controller is provisioned (CP-16)', async () => {
    const plane = aPlane({ status: { initialization: {} } });
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'again' });
    expect(created(plane)).toBe(0);
  });
});
