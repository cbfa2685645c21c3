import { describe, expect, it } from '@jest/globals';
import { Secret } from '@k0smotron/api';
import { refusingAudit } from '@k0smotron/audit/testing';
import { aPlane, noSignal } from '../../../../testing/a-plane.ts';
import { ensureCertificates } from './ensure-certificates.ts';

const secret = (name: string, type: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'ns', name },
  type,
  data: { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' },
});

const created = ({ management }: ReturnType<typeof aPlane>): number =>
  management.calls.filter(({ verb, what }) => verb === 'create' && what === 'Secret').length;

describe('the key pairs of a cluster', () => {
  it('are made before it lives, four of them', async () => {
    const plane = aPlane({ status: { initialization: {} }, controllers: [] });
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'done' });
    expect(created(plane)).toBe(4);
    expect(plane.run.conditions.get('CertificatesAvailable')).toMatchObject({ status: 'True' });
  });

  it('are told in one go, and none is written before the outbox knows of all (SR-8)', async () => {
    const plane = aPlane({ status: { initialization: {} }, controllers: [] });
    const audit = refusingAudit(new Error('no answer'));
    await expect(ensureCertificates.run({ ...plane.scope, audit }, noSignal)).rejects.toThrow('no answer');
    expect(created(plane)).toBe(0);
    await ensureCertificates.run(plane.scope, noSignal);
    const purposes = plane.facts.map(({ data }) => (data.details as { purpose?: string }).purpose);
    expect(purposes.sort()).toEqual(['ca', 'etcd', 'proxy', 'sa']);
  }, 60_000); // eight RSA keys, on whatever else the machine does

  it('are never made anew for one that lives: that would break it (CP-16)', async () => {
    const plane = aPlane();
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'again' });
    expect(created(plane)).toBe(0);
    expect(plane.run.conditions.get('CertificatesAvailable')).toMatchObject({ status: 'False', reason: 'Missing' });
  });

  it('get their owner back (OR-2), but for those that the user has made (CP-15)', async () => {
    const ours = ['c-ca', 'c-etcd', 'c-sa'].map((name) => secret(name, 'cluster.x-k8s.io/secret'));
    const { scope, run, management } = aPlane({ stored: [...ours, secret('c-proxy', 'kubernetes.io/tls')] });
    await ensureCertificates.run(scope, noSignal);
    const found = await management.list(Secret, { namespace: 'ns' });
    const owners = found.map(({ metadata }) => [metadata.name, metadata.ownerReferences?.map(({ uid }) => uid)]);
    const plane = [run.object.metadata.uid];
    expect(Object.fromEntries(owners)).toEqual({ 'c-ca': plane, 'c-etcd': plane, 'c-sa': plane });
  });

  it('are not made anew after a move either, when the status is empty and a controller is provisioned (CP-16)', async () => {
    const plane = aPlane({ status: { initialization: {} } });
    expect(await ensureCertificates.run(plane.scope, noSignal)).toMatchObject({ kind: 'again' });
    expect(created(plane)).toBe(0);
  });
});
