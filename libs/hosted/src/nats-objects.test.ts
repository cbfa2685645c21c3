import { describe, expect, it } from '@jest/globals';
import type { HostedClusterSpec } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { hostedK0sConfig } from './k0s-config.ts';
import { natsConfig } from './nats-objects.ts';

type Nats = HostedClusterSpec['storage']['nats'];

const planeOf = (replicas: number, nats: Nats = undefined) => {
  const { spec } = aPlane();
  const storage = { ...spec.storage, type: 'nats' as const, ...(nats && { nats }) };
  return aPlane({ spec: { ...spec, replicas, storage } });
};
const objectsOf = (replicas: number, nats: Nats = undefined) =>
  controlPlaneObjects(planeOf(replicas, nats), aWorld({ etcd: undefined, replicas }));
const specOf = (replicas: number, kind: string, nats: Nats = undefined) =>
  objectsOf(replicas, nats).find((object) => object.kind === kind)?.spec as Record<string, unknown>;
const sourceOf = (replicas: number): string => {
  const config = hostedK0sConfig(planeOf(replicas), aWorld({ etcd: undefined })) as {
    spec: { storage: { type: string; kine: { dataSource: string } } };
  };
  expect(config.spec.storage.type).toBe('kine');
  return config.spec.storage.kine.dataSource;
};

describe('one server of NATS', () => {
  it('keeps its data in a claim and has no routes', () => {
    expect(natsConfig(planeOf(1))).toBe(
      [
        'server_name: $POD_NAME',
        'listen: "127.0.0.1:4222"',
        'max_payload: 4194304',
        'jetstream: {"store_dir":"/nats-data"}',
        '',
      ].join('\n'),
    );
    expect(sourceOf(1)).toBe('nats://?serverConfig=/etc/k0s-config/nats.conf');
  });
});

describe('three servers of NATS', () => {
  it('find each other by name and prove themselves by certificates', () => {
    const [, cluster = ''] = /^cluster: (.*)$/m.exec(natsConfig(planeOf(3)) ?? '') ?? [];
    expect(JSON.parse(cluster)).toEqual({
      name: 'kmc-blue',
      listen: '0.0.0.0:6222',
      tls: {
        cert_file: '/etc/k0s-certificates/nats.crt',
        key_file: '/etc/k0s-certificates/nats.key',
        ca_file: '/etc/k0s-certificates/etcd-ca.crt',
        verify: true,
      },
      routes: [0, 1, 2].map((ordinal) => `nats://kmc-blue-${ordinal}.kmc-blue-nats.tenant.svc:6222`),
    });
    const pod = JSON.stringify(specOf(3, 'StatefulSet'));
    expect(pod).toContain('{"name":"blue-etcd-peer","items":[{"key":"tls.crt","path":"nats.crt"}');
    expect(JSON.stringify(specOf(1, 'StatefulSet'))).not.toContain('blue-etcd-peer');
  });

  it('are a store of several controllers for k0s, and embedded for kine', () => {
    const source = sourceOf(3);
    // k0s reads the whole as one address, kine the parameters of the first.
    expect([...new URL(source).searchParams.keys()]).toContain('noEmbed');
    const [first = ''] = source.split(',');
    expect(Object.fromEntries(new URL(first).searchParams)).toEqual({
      serverConfig: '/etc/k0s-config/nats.conf',
      replicas: '3',
    });
  });

  it('have a headless Service, which governs the pods, and are called by each other only', () => {
    const service = objectsOf(3).find(({ kind }) => kind === 'Service');
    expect(service?.metadata.name).toBe('kmc-blue-nats');
    expect(service?.spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ port: 6222, targetPort: 6222 }],
    });
    expect(specOf(3, 'StatefulSet')).toMatchObject({ serviceName: 'kmc-blue-nats' });
    const { ingress } = specOf(3, 'NetworkPolicy') as { ingress: { from?: object[]; ports: { port: number }[] }[] };
    const rule = ingress.find(({ ports }) => ports.some(({ port }) => port === 6222));
    expect(rule?.from).toEqual([
      { podSelector: { matchLabels: { app: 'k0smotron', cluster: 'blue', component: 'cluster' } } },
    ]);
  });
});

describe('the pods', () => {
  it('have a claim each that k0s may write to, and their name in the environment', () => {
    expect(specOf(1, 'StatefulSet', { persistence: { storageClass: 'fast', size: '5Gi' } })).toMatchObject({
      volumeClaimTemplates: [
        {
          metadata: { name: 'nats-data' },
          spec: { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
        },
      ],
      template: {
        spec: {
          securityContext: { fsGroup: 0 },
          containers: [{ env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }],
        },
      },
    });
    expect(JSON.stringify(specOf(1, 'StatefulSet'))).toContain('"storage":"1Gi"');
  });

  it('of other planes have nothing of it', () => {
    const objects = JSON.stringify(controlPlaneObjects(aPlane(), aWorld()));
    expect(objects).not.toMatch(/nats|fsGroup|POD_NAME/);
  });
});
