import { describe, expect, it } from '@jest/globals';
import type { HostedClusterSpec, VolumeClaim } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { namesOf } from './names.ts';
import type { HostedWorld } from './plane.ts';

interface Container {
  readonly command: readonly string[];
  readonly image: string;
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
  readonly securityContext: { capabilities: { add: readonly string[] } };
  readonly resources?: unknown;
}

interface PodTemplate {
  readonly metadata: { annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly [Container];
    readonly volumes: readonly { name: string; [source: string]: unknown }[];
    readonly securityContext: { sysctls?: unknown };
    readonly [field: string]: unknown;
  };
}

const objectsOf = (spec: Partial<HostedClusterSpec> = {}, world: Partial<HostedWorld> = {}) =>
  controlPlaneObjects(aPlane({ spec: { ...aPlane().spec, ...spec } }), aWorld(world));

const statefulSetOf = (spec: Partial<HostedClusterSpec> = {}, world: Partial<HostedWorld> = {}) =>
  objectsOf(spec, world).find(({ kind }) => kind === 'StatefulSet')?.spec as {
    template: PodTemplate;
    [field: string]: unknown;
  };

const podOf = (spec: Partial<HostedClusterSpec> = {}) => statefulSetOf(spec).template.spec;
const containerOf = (spec: Partial<HostedClusterSpec> = {}) => podOf(spec).containers[0];

describe('the pods of API servers', () => {
  it('run k0s without a shell, and every flag is an item of its own', () => {
    const evil = '--labels=a=b; rm -rf / $(reboot) `reboot`';
    expect(containerOf({ controlPlaneFlags: [evil, '--debug'] }).command).toEqual([
      'k0s',
      'controller',
      evil,
      '--debug',
      '--config=/etc/k0s-config/k0s.yaml',
      '--enable-dynamic-config=true',
    ]);
  });

  it("leave out a flag of ours where the user's says the same thing", () => {
    const controlPlaneFlags = ['--enable-dynamic-config=false', '--config=/mine.yaml'];
    expect(containerOf({ controlPlaneFlags }).command.slice(2)).toEqual(controlPlaneFlags);
  });

  it('have the image of the version, resources and service account', () => {
    const resources = { requests: { cpu: '1' } };
    expect(containerOf({ image: 'registry.example.com/k0s', resources })).toMatchObject({
      image: 'registry.example.com/k0s:v1.34.4-k0s.0',
      resources,
    });
    expect(podOf({ serviceAccount: 'planes' })).toMatchObject({
      serviceAccountName: 'planes',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
  });

  it('may use ports below 1024 when they are asked to, and only then', () => {
    const low = { service: { type: 'ClusterIP', apiPort: 443, konnectivityPort: 8132 } } as const;
    expect(podOf(low).securityContext.sysctls).toEqual([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '443' }]);
    expect(containerOf(low).securityContext.capabilities.add).toContain('NET_BIND_SERVICE');
    expect(podOf().securityContext).not.toHaveProperty('sysctls');
    expect(containerOf().securityContext.capabilities.add).not.toContain('NET_BIND_SERVICE');
  });

  it("never see the key of etcd's authority", () => {
    const projected = podOf().volumes.find(({ name }) => name === 'certificates')?.projected as {
      sources: { secret: { name: string; items: { key: string }[] } }[];
    };
    const etcd = projected.sources.find(({ secret }) => secret.name === 'blue-etcd');
    expect(etcd?.secret.items.map(({ key }) => key)).toEqual(['tls.crt']);
    expect(projected.sources.map(({ secret }) => secret.name)).toEqual([
      'blue-ca',
      'blue-proxy',
      'blue-sa',
      'blue-etcd',
      'blue-apiserver-etcd-client',
    ]);
  });

  it('mount manifests as stacks of k0s, and mounts where they are wanted', () => {
    const spec = {
      manifests: [{ name: 'cni', configMap: { name: 'cilium' } }],
      mounts: [
        { path: '/etc/k0s/oidc', secret: { secretName: 'oidc' } },
        { path: '/var/log/Audit_1', emptyDir: {} },
      ],
    };
    const { volumeMounts } = containerOf(spec);
    const at = (path: string) => volumeMounts.find(({ mountPath }) => mountPath === path);
    expect(at('/var/lib/k0s/manifests/cni')).toMatchObject({ name: 'cni', readOnly: true });
    expect(at('/etc/k0s/oidc')).toMatchObject({ name: 'etc-k0s-oidc', readOnly: true });
    expect(at('/var/log/Audit_1')?.name).toMatch(/^var-log-audit-1-[0-9a-f]{5}$/);
    expect(at('/var/log/Audit_1')).not.toHaveProperty('readOnly');
    expect(podOf(spec).volumes).toContainEqual({ name: 'cni', configMap: { name: 'cilium' } });
    expect(podOf(spec).volumes).toContainEqual({ name: 'etc-k0s-oidc', secret: { secretName: 'oidc' } });
    expect(new Set(volumeMounts.map(({ mountPath }) => mountPath)).size).toBe(volumeMounts.length);
  });

  const claim: VolumeClaim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } } };
  it.each([
    ['emptyDir', { type: 'emptyDir', autoDeletePVCs: false }, { name: 'kmc-blue', emptyDir: {} }],
    [
      'hostPath',
      { type: 'hostPath', hostPath: '/data/blue', autoDeletePVCs: false },
      { name: 'kmc-blue', hostPath: { path: '/data/blue', type: 'DirectoryOrCreate' } },
    ],
  ] as const)('keep their data in an %s', (_type, persistence, volume) => {
    expect(podOf({ persistence }).volumes).toContainEqual(volume);
    expect(statefulSetOf({ persistence })).not.toHaveProperty('volumeClaimTemplates');
  });

  it('keep their data in a claim, which goes with the plane only when that is asked for', () => {
    const persistence = { type: 'pvc', persistentVolumeClaim: claim, autoDeletePVCs: true } as const;
    expect(statefulSetOf({ persistence })).toMatchObject({
      volumeClaimTemplates: [{ metadata: { name: 'kmc-blue' }, spec: claim.spec }],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    });
    expect(podOf({ persistence }).volumes.map(({ name }) => name)).not.toContain('kmc-blue');
  });

  it('are spread as the user says', () => {
    const topologySpreadConstraints = [
      { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' as const },
    ];
    expect(podOf({ topologySpreadConstraints })).toMatchObject({ topologySpreadConstraints });
  });
});

describe('what restarts API servers', () => {
  const annotations = (spec: Partial<HostedClusterSpec>, world: Partial<HostedWorld> = {}) =>
    statefulSetOf(spec, world).template.metadata.annotations;

  it('is a change of their configuration or certificates', () => {
    expect(annotations({ k0sConfig: { spec: { api: { sans: ['a.example.com'] } } } })).not.toEqual(annotations({}));
    expect(annotations({}, { certificatesHash: 'c2' })).not.toEqual(annotations({}));
  });

  it('is not etcd: neither its image, nor how many members it has', () => {
    const { storage } = aPlane().spec;
    const other = { storage: { ...storage, etcd: { ...storage.etcd, image: 'etcd:other' } } };
    const grown = { etcd: { ordinals: [0, 1, 2], phase: 'settled' as const, replicas: 3 }, etcdCertificatesHash: 'e2' };
    expect(statefulSetOf(other, grown)).toEqual(statefulSetOf());
  });
});

describe('the configuration object', () => {
  const configOf = (spec: Partial<HostedClusterSpec>, world: Partial<HostedWorld> = {}) =>
    objectsOf(spec, world).find(({ metadata }) => metadata.name === 'kmc-blue-config');

  it('is a ConfigMap with k0s.yaml', () => {
    const config = configOf({});
    const data = config?.data as Record<string, string>;
    expect(config?.kind).toBe('ConfigMap');
    expect(JSON.parse(data['k0s.yaml'] ?? '')).toMatchObject({ kind: 'ClusterConfig' });
  });

  it('is a Secret when a data source is in it that came from one', () => {
    const storage = { ...aPlane().spec.storage, type: 'kine', kine: { dataSourceSecretName: 'db' } } as const;
    const objects = objectsOf({ storage }, { etcd: undefined, kineDataSource: 'postgres://u:p4ss@db/k0s' });
    const holders = objects.filter((object) => JSON.stringify(object).includes('p4ss'));
    expect(holders.map(({ kind }) => kind)).toEqual(['Secret']);
    const pod = objects.find(({ kind }) => kind === 'StatefulSet')?.spec as { template: PodTemplate };
    expect(pod.template.spec.volumes[0]).toEqual({ name: 'config', secret: { secretName: 'kmc-blue-config' } });
  });
});

describe('telemetry', () => {
  it('reads in the workload cluster who made it', () => {
    const config = objectsOf().find(({ metadata }) => metadata.name === 'kmc-blue-telemetry-config');
    expect(config?.metadata.labels).toMatchObject({ 'app.kubernetes.io/component': 'telemetry' });
    const { 'configmap.yaml': manifest = '' } = config?.data as Record<string, string>;
    expect(JSON.parse(manifest)).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'k0s-telemetry', namespace: 'kube-system' },
      data: { provider: 'k0smotron' },
    });
    expect(containerOf().volumeMounts).toContainEqual({
      name: 'k0s-telemetry',
      mountPath: '/var/lib/k0s/manifests/k0s-telemetry',
      readOnly: true,
    });
  });

  it('is found by the pods whatever the Cluster is called', () => {
    const plane = aPlane({ name: 'a'.repeat(60) });
    const name = namesOf(plane).telemetry;
    const objects = controlPlaneObjects(plane, aWorld());
    expect(objects.map(({ metadata }) => metadata.name)).toContain(name);
    expect(JSON.stringify(objects)).toContain(`{"name":"k0s-telemetry","configMap":{"name":"${name}"}}`);
  });
});

describe('the list', () => {
  it('has what pods mount before the pods', () => {
    expect(objectsOf().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap kmc-blue-config',
      'ConfigMap kmc-blue-endpoint',
      'ConfigMap kmc-blue-telemetry-config',
      'PodDisruptionBudget kmc-blue',
      'NetworkPolicy kmc-blue',
      'StatefulSet kmc-blue',
    ]);
  });

  it('has no endpoint while the address is unknown', () => {
    const names = objectsOf({}, { externalAddress: undefined }).map(({ metadata }) => metadata.name);
    expect(names).not.toContain('kmc-blue-endpoint');
  });
});
