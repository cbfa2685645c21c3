import { X509Certificate } from 'node:crypto';
import { ConfigMap, Secret } from '@k0smotron/api';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aHostedPlane, givenCertificates, namesIn } from '../../../testing/a-hosted-plane.ts';
import { StatefulSet } from '../../hosted/kinds.ts';

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

const etcd = { image: 'etcd:v3.6.8', persistence: { size: '1Gi' }, autoDeletePVCs: true };
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const textOf = (data = ''): string => Buffer.from(data, 'base64').toString('utf8');
const config = { namespace: 'ns', name: 'kmc-c-config' };

describe('a plane on kine whose data source is in a Secret', () => {
  const withSecret = async (data: Record<string, string> | undefined, replicas = 1) =>
    aHostedPlane({
      spec: { replicas, storage: { type: 'kine', kine: { dataSourceSecretName: 'db' }, etcd } },
      stored: [
        ...(await givenCertificates()),
        ...(data ? [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'ns' }, data }] : []),
      ],
    });

  it.each([
    ['is not there', undefined],
    ['has another key', { url: base64('mysql://db') }],
  ])('waits while it %s, and says for what', async (_what, data) => {
    const world = await withSecret(data);
    const { run } = await world.reconcile();
    expect(run.conditions.get('APIServerReady')).toMatchObject({
      reason: 'DataSourceMissing',
      message: '0 of 1 API servers are ready: waiting for Secret db with the key K0SMOTRON_KINE_DATASOURCE_URL',
    });
    expect(await world.management.list(StatefulSet)).toEqual([]);
  });

  it('keeps it in a Secret of its own, without the end of the line', async () => {
    const world = await withSecret({ K0SMOTRON_KINE_DATASOURCE_URL: base64('postgres://u:p4ss@db/k0s\n') }, 3);
    const { run } = await world.reconcile();
    const stored = await world.management.get(Secret, config);
    expect(JSON.parse(textOf(stored?.data?.['k0s.yaml']))).toMatchObject({
      spec: { storage: { type: 'kine', kine: { dataSource: 'postgres://u:p4ss@db/k0s' } } },
    });
    expect(await world.management.get(ConfigMap, config)).toBeUndefined();
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c']);
    expect(run.conditions.get('EtcdReady')?.reason).toBe('NotManaged');
  });

  it('refuses what no three controllers can share', async () => {
    const world = await withSecret({ K0SMOTRON_KINE_DATASOURCE_URL: base64('sqlite:///state.db') }, 3);
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'InvalidStorage' });
    expect(await world.management.list(StatefulSet)).toEqual([]);
  });
});

describe('a plane on NATS', () => {
  it('gets a certificate for its servers, and pods at once', async () => {
    const authorities = (await givenCertificates()).filter((secret) => !JSON.stringify(secret).includes('etcd-'));
    const world = aHostedPlane({
      spec: { replicas: 3, storage: { type: 'nats', etcd } },
      stored: authorities,
    });
    await world.reconcile();
    const secrets = await world.management.list(Secret);
    expect(namesIn(secrets)).toEqual(['c-ca', 'c-etcd', 'c-etcd-peer', 'c-kubeconfig', 'c-proxy', 'c-sa']);
    const peer = secrets.find(({ metadata }) => metadata.name === 'c-etcd-peer');
    const { subjectAltName } = new X509Certificate(textOf(peer?.data?.['tls.crt']));
    expect(subjectAltName?.split(', ')).toContain('DNS:*.kmc-c-nats.ns.svc');
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c']);
    const stored = await world.management.get(ConfigMap, config);
    expect(stored?.data?.['nats.conf']).toContain('kmc-c-2.kmc-c-nats.ns.svc:6222');
  });
});
