import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ConfigMap, Secret } from '@k0smotron/api';
import { aHostedPlane, givenCertificates } from '../../../testing/a-hosted-plane.ts';
import { kindOf } from '../../hosted/kinds.ts';

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

const ingress = { deploy: true, port: 443, apiHost: 'api.example.com', konnectivityHost: 'konnectivity.example.com' };
const monitoring = { enabled: true, prometheusImage: 'prometheus:v2', proxyImage: 'nginx:1' };
const etcd = { image: 'etcd:v3.6.8', persistence: { size: '1Gi' }, autoDeletePVCs: true };
const textOf = (data = ''): string => Buffer.from(data, 'base64').toString('utf8');

/** On a database, so that API servers come in the first run. */
async function aPlaneWith(spec: Readonly<Record<string, unknown>>) {
  const storage = { type: 'kine', kine: { dataSourceURL: 'postgres://db/k0s' }, etcd };
  const world = aHostedPlane({ spec: { storage, ...spec }, stored: await givenCertificates() });
  const secret = (name: string) => world.management.get(Secret, { namespace: 'ns', name });
  return {
    ...world,
    secret,
    certificate: async (name: string) => new X509Certificate(textOf((await secret(name))?.data?.['tls.crt'])),
  };
}

describe('a plane behind an ingress', () => {
  it('is called by the host of the ingress, and has a certificate for the proxies on its workers', async () => {
    const world = await aPlaneWith({ ingress });
    await world.reconcile();
    const kubeconfig = textOf((await world.secret('c-kubeconfig'))?.data?.['value']);
    expect(kubeconfig).toContain('https://api.example.com:443');
    const certificate = await world.certificate('c-ingress-haproxy');
    expect(certificate.checkIP('10.96.0.1')).toBe('10.96.0.1');
    expect(certificate.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    const manifest = textOf((await world.secret('kmc-c-ingress-certificate'))?.data?.['haproxy-certificate.yaml']);
    expect(manifest).toContain(JSON.stringify(certificate.toString().trimEnd()).slice(1, -1));
  });

  it('keeps it while it is good, and has a new one for another network', async () => {
    const world = await aPlaneWith({ ingress });
    await world.reconcile();
    const first = await world.certificate('c-ingress-haproxy');
    await world.clock.advance(61_000);
    expect((await world.reconcile()).writes).toEqual([]);
    const cluster = await world.cluster();
    const k0sConfig = { spec: { network: { serviceCIDR: '10.200.0.0/16' } } };
    world.management.seed({ ...cluster, spec: { ...cluster?.spec, k0sConfig } } as never);
    await world.clock.advance(61_000);
    await world.reconcile();
    const second = await world.certificate('c-ingress-haproxy');
    expect(second.serialNumber).not.toBe(first.serialNumber);
    expect(second.checkIP('10.200.0.1')).toBe('10.200.0.1');
  });

  it('loses the Ingress, and what workers had, when it is reached directly again', async () => {
    const world = await aPlaneWith({ ingress });
    await world.reconcile();
    const cluster = await world.cluster();
    const { ingress: _gone, ...spec } = cluster?.spec ?? {};
    world.management.seed({ ...cluster, spec } as never);
    await world.reconcile();
    expect(await world.management.list(kindOf({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }))).toEqual([]);
    const names = (await world.management.list(ConfigMap)).map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.includes('ingress'))).toEqual([]);
  });
});

describe('a plane that is monitored', () => {
  it('asks for metrics as a client that may read nothing else', async () => {
    const world = await aPlaneWith({ monitoring });
    await world.reconcile();
    const { subject } = await world.certificate('c-monitoring-client');
    expect(subject.split('\n').sort()).toEqual(['CN=monitoring-client', 'O=system:monitoring']);
  });
});

describe('any other plane', () => {
  it('has neither certificate', async () => {
    const world = await aPlaneWith({});
    await world.reconcile();
    expect(await world.secret('c-ingress-haproxy')).toBeUndefined();
    expect(await world.secret('c-monitoring-client')).toBeUndefined();
  });
});
