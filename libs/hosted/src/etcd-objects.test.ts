import { describe, expect, it } from '@jest/globals';
import type { EtcdSpec } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { etcdObjects } from './etcd-objects.ts';
import type { HostedEtcd } from './plane.ts';

const settled: HostedEtcd = { ordinals: [0, 1, 2], phase: 'settled', replicas: 3 };

const objectsOf = (etcd: Partial<EtcdSpec> = {}, state: HostedEtcd = settled) => {
  const { spec } = aPlane();
  const storage = { ...spec.storage, etcd: { ...spec.storage.etcd, ...etcd } };
  return etcdObjects(aPlane({ spec: { ...spec, storage } }), aWorld({ etcd: state }));
};

const statefulSetOf = (etcd: Partial<EtcdSpec> = {}, state = settled) =>
  objectsOf(etcd, state).find(({ kind }) => kind === 'StatefulSet')?.spec as {
    replicas: number;
    template: {
      spec: {
        containers: { command: string[]; env: { name: string; value?: string }[]; [field: string]: unknown }[];
        [field: string]: unknown;
      };
    };
    [field: string]: unknown;
  };

const podOf = (etcd: Partial<EtcdSpec> = {}, state = settled) => statefulSetOf(etcd, state).template.spec;

const membersOf = (state: HostedEtcd) =>
  objectsOf({}, state).find(({ metadata }) => metadata.name === 'kmc-blue-etcd-members')?.data;

describe('the pods of etcd', () => {
  it("get the user's arguments as items of a list, whatever is in them", () => {
    const args = ['--quota-backend-bytes=8589934592', '--name=$(id); reboot', '`reboot`', '&& true'];
    expect(podOf({ args }).containers[0]?.command).toEqual(['etcd', ...args]);
  });

  it('know who they are from their own name alone', () => {
    const env = Object.fromEntries((podOf().containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({
      ETCD_NAME: '$(POD_NAME)',
      ETCD_INITIAL_ADVERTISE_PEER_URLS: 'https://$(POD_NAME).kmc-blue-etcd.tenant.svc:2380',
      ETCD_CLIENT_CERT_AUTH: 'true',
      ETCD_PEER_CLIENT_CERT_AUTH: 'true',
    });
    expect(podOf().containers[0]?.envFrom).toEqual([{ configMapRef: { name: 'kmc-blue-etcd-members' } }]);
  });

  it('are not restarted when members come or go', () => {
    const grown: HostedEtcd = { ordinals: [0, 1, 2, 3, 4], phase: 'joining', replicas: 5 };
    expect(podOf({}, grown)).toEqual(podOf());
    expect(statefulSetOf({}, grown).replicas).toBe(5);
  });

  it('run without any privilege', () => {
    const pod = podOf();
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 1001 });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it('start all at once, and are replaced only when we say so', () => {
    expect(statefulSetOf()).toMatchObject({
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      serviceName: 'kmc-blue-etcd',
    });
  });

  it('keep their data in claims of the size and class that are asked for', () => {
    const { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy } = statefulSetOf({
      persistence: { size: '5Gi', storageClass: 'fast' },
      autoDeletePVCs: true,
    });
    expect(volumeClaimTemplates).toEqual([
      {
        metadata: { name: 'etcd-data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'fast',
          resources: { requests: { storage: '5Gi' } },
        },
      },
    ]);
    expect(persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Delete', whenScaled: 'Retain' });
  });
});

describe('the members that a pod without data begins with', () => {
  const all = [0, 1, 2]
    .map((it) => `kmc-blue-etcd-${it}=https://kmc-blue-etcd-${it}.kmc-blue-etcd.tenant.svc:2380`)
    .join(',');

  it.each([
    ['beginning', all, 'new'],
    ['joining', all, 'existing'],
    ['settled', '', 'existing'],
  ] as const)('are, while etcd is %s', (phase, members, state) => {
    expect(membersOf({ ordinals: [0, 1, 2], phase, replicas: 3 })).toMatchObject({
      ETCD_INITIAL_CLUSTER: members,
      ETCD_INITIAL_CLUSTER_STATE: state,
    });
  });

  it('are called as etcd lists them', () => {
    const url = 'https://kmc-blue-etcd-1.tenant.svc:2380';
    const state: HostedEtcd = { ordinals: [0, 1], phase: 'joining', replicas: 2, peerUrls: { 1: url } };
    expect(membersOf(state)).toMatchObject({
      ETCD_INITIAL_CLUSTER: expect.stringMatching(new RegExp(`^kmc-blue-etcd-0=.*,kmc-blue-etcd-1=${url}$`)),
    });
  });

  it.each([
    ['etcd:v3.6.8', [], 'ETCD_PEER_SKIP_CLIENT_SAN_VERIFICATION'],
    ['etcd@sha256:00', [], 'ETCD_PEER_SKIP_CLIENT_SAN_VERIFICATION'],
    ['registry:3000/etcd:v3.5.21-0', [], 'ETCD_EXPERIMENTAL_PEER_SKIP_CLIENT_SAN_VERIFICATION'],
    ['etcd:v3.6.8', ['--experimental-peer-skip-client-san-verification'], undefined],
  ])('know each other by their authority, whatever DNS knows of a new pod: %s %j', (image, args, setting) => {
    const config = objectsOf({ image, args }).find(({ metadata }) => metadata.name === 'kmc-blue-etcd-members');
    const settings = Object.keys(config?.data as object).filter((name) => name.includes('SKIP'));
    // Both together would keep etcd from starting (seen with 3.6.8).
    expect(settings).toEqual(setting === undefined ? [] : [setting]);
  });
});

describe('etcd', () => {
  it('has its members named before its pods come', () => {
    const kinds = objectsOf().map(({ kind }) => kind);
    expect(kinds).toEqual(['Service', 'ConfigMap', 'PodDisruptionBudget', 'NetworkPolicy', 'StatefulSet']);
    expect(objectsOf()[0]?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  });

  it('gives a member a Service of its own before there is a pod', () => {
    const services = objectsOf({}, { ...settled, services: [0, 1] }).filter(({ kind }) => kind === 'Service');
    expect(services.map(({ metadata }) => metadata.name)).toEqual([
      'kmc-blue-etcd',
      'kmc-blue-etcd-0',
      'kmc-blue-etcd-1',
    ]);
    expect(services[2]?.spec).toMatchObject({
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
      selector: { app: 'k0smotron', 'statefulset.kubernetes.io/pod-name': 'kmc-blue-etcd-1' },
      ports: [{ port: 2380 }],
    });
  });

  it('lets in nobody but the plane itself and our services', () => {
    const policy = objectsOf().find(({ kind }) => kind === 'NetworkPolicy')?.spec as { ingress: { ports: object[] }[] };
    expect(policy.ingress.map(({ ports }) => ports)).toEqual([
      [{ protocol: 'TCP', port: 2379 }],
      [{ protocol: 'TCP', port: 2380 }],
    ]);
    expect(policy.ingress.every((rule) => 'from' in rule)).toBe(true);
  });

  it('is defragmented in the rhythm of the user, by pods that are not behind its Service', () => {
    const rule = 'dbQuotaUsage > 0.8 || $(id)';
    const defragJob = { enabled: true, schedule: '0 3 * * *', image: 'etcd-defrag:v0.16.0', rule };
    const job = objectsOf({ defragJob }).find(({ kind }) => kind === 'CronJob');
    expect(job?.metadata).toMatchObject({ name: 'kmc-blue-defrag', labels: { 'app.kubernetes.io/component': 'etcd' } });
    expect(job?.spec).toMatchObject({
      schedule: '0 3 * * *',
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          template: {
            metadata: { labels: { component: 'defrag' } },
            spec: {
              automountServiceAccountToken: false,
              containers: [{ args: expect.arrayContaining(['--cluster', '--continue-on-error=false']) }],
            },
          },
        },
      },
    });
    expect(JSON.stringify(job)).toContain(JSON.stringify(`--defrag-rule=${rule}`));
    expect(JSON.stringify(job)).not.toContain('etcd-ca.key');
    expect(objectsOf({ defragJob: { ...defragJob, enabled: false } }).some(({ kind }) => kind === 'CronJob')).toBe(
      false,
    );
  });

  it('is nothing at all when the state is kept elsewhere', () => {
    expect(etcdObjects(aPlane(), aWorld({ etcd: undefined }))).toEqual([]);
  });
});
