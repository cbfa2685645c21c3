import { describe, expect, it } from '@jest/globals';
import type { HostedClusterSpec } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { etcdObjects } from './etcd-objects.ts';
import type { HostedObject } from './plane.ts';

const monitoring = { enabled: true, prometheusImage: 'prometheus:v2', proxyImage: 'nginx:1' };
const planeOf = (over: Partial<HostedClusterSpec> = {}) => aPlane({ spec: { ...aPlane().spec, monitoring, ...over } });
const objectsOf = (over: Partial<HostedClusterSpec> = {}) => controlPlaneObjects(planeOf(over), aWorld());
const configOf = (over: Partial<HostedClusterSpec> = {}) =>
  objectsOf(over).find(({ metadata }) => metadata.name === 'kmc-prometheus-blue-config');
const prometheusOf = (over: Partial<HostedClusterSpec> = {}) =>
  JSON.parse((configOf(over)?.data as Record<string, string>)['prometheus.yml'] ?? '') as {
    scrape_configs: { job_name: string; static_configs?: { targets: string[]; labels: object }[] }[];
  };
const policyPorts = (objects: readonly HostedObject[]) => {
  const { ingress } = objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec as {
    ingress: { ports: { port: number }[] }[];
  };
  return ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
};

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumeMounts: readonly { name: string; mountPath: string }[];
}

const templateOf = (over: Partial<HostedClusterSpec> = {}) =>
  (objectsOf(over).find(({ kind }) => kind === 'StatefulSet')?.spec as { template: unknown }).template as {
    metadata: { annotations: Record<string, string> };
    spec: { containers: Container[]; volumes: { name: string }[] };
  };

describe('a plane that is monitored', () => {
  it('tells where its metrics are, by the annotations and ports of the original', () => {
    const { metadata, spec } = templateOf();
    expect(metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8090',
      'prometheus.io/path': '/metrics',
    });
    expect(spec.containers.map(({ name, image }) => [name, image])).toEqual([
      ['controller', 'quay.io/k0sproject/k0s:v1.34.4-k0s.0'],
      ['monitoring-agent', 'prometheus:v2'],
      ['monitoring-proxy', 'nginx:1'],
    ]);
    expect(policyPorts(objectsOf())).toContain(8090);
  });

  it('mounts what it names, and nothing of what the API server holds', () => {
    const { containers, volumes } = templateOf().spec;
    const names = new Set(volumes.map(({ name }) => name));
    for (const { volumeMounts } of containers) {
      for (const { name } of volumeMounts) expect(names).toContain(name);
    }
    const ofSidecars = containers.slice(1).flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
    expect(ofSidecars.every((name) => name.startsWith('monitoring'))).toBe(true);
    expect(JSON.stringify(volumes)).toContain('"secretName":"blue-monitoring-client"');
  });

  it('asks its own three parts, and every member of etcd', () => {
    const [components, etcd] = prometheusOf().scrape_configs;
    expect(components?.job_name).toBe('k0smotron_cluster_metrics');
    expect(components?.static_configs?.map(({ targets, labels }) => [targets, labels])).toEqual(
      Object.entries({ 'kube-apiserver': 30443, 'kube-scheduler': 10259, 'kube-controller-manager': 10257 }).map(
        ([component, port]) => [[`localhost:${port}`], { component, k0smotron_cluster: 'blue' }],
      ),
    );
    expect(etcd).toMatchObject({
      job_name: 'k0smotron_etcd_metrics',
      dns_sd_configs: [{ names: ['kmc-blue-etcd.tenant.svc'], type: 'A', port: 2381 }],
    });
    expect(policyPorts(etcdObjects(planeOf(), aWorld()))).toContain(2381);
  });

  it('has no etcd to ask when its state is elsewhere', () => {
    const storage = { ...aPlane().spec.storage, type: 'kine' as const };
    expect(prometheusOf({ storage }).scrape_configs.map(({ job_name }) => job_name)).toEqual([
      'k0smotron_cluster_metrics',
    ]);
  });

  it('keeps Prometheus to its own pod, and publishes what it knows under one path', () => {
    expect(templateOf().spec.containers[1]?.command).toContain('--web.listen-address=127.0.0.1:9090');
    const { 'nginx.conf': nginx = '' } = configOf()?.data as Record<string, string>;
    const [, query = ''] = /proxy_pass http:\/\/127\.0\.0\.1:9090\/federate\?(\S+);/.exec(nginx) ?? [];
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({ 'match[]': '{job!=""}' });
  });
});

describe('a plane that is not monitored', () => {
  it.each([
    ['because nothing is said', undefined],
    ['because it is switched off', { ...monitoring, enabled: false }],
  ])('has nothing of it %s', (_why, given) => {
    expect(JSON.stringify(objectsOf({ monitoring: given }))).not.toMatch(/monitoring|prometheus|8090/);
    expect(policyPorts(etcdObjects(planeOf({ monitoring: given }), aWorld()))).not.toContain(2381);
  });
});
