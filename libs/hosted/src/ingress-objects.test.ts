import { describe, expect, it } from '@jest/globals';
import type { HostedClusterSpec } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { hostedK0sConfig } from './k0s-config.ts';
import type { HostedObject } from './plane.ts';
import { haproxyNames } from './workload-ingress.ts';

const certificate = { certPem: 'CERTIFICATE 1\n', keyPem: 'KEY\n', caPem: 'AUTHORITY\n' };
const world = aWorld({ externalAddress: 'api.example.com', ingressCertificate: certificate });
const ingress = {
  deploy: true,
  port: 8443,
  apiHost: 'api.example.com',
  konnectivityHost: 'konnectivity.example.com',
  className: 'haproxy',
  annotations: { 'haproxy.org/ssl-passthrough': 'true' },
};

const planeOf = (over: Partial<HostedClusterSpec> = {}) => aPlane({ spec: { ...aPlane().spec, ingress, ...over } });
const objectsOf = (over: Partial<HostedClusterSpec> = {}, of = world) => controlPlaneObjects(planeOf(over), of);
const named = (objects: readonly HostedObject[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

/** The manifests in a ConfigMap or Secret, by file. */
const manifestsIn = (object: HostedObject | undefined) =>
  Object.fromEntries(
    Object.entries((object?.data ?? object?.stringData ?? {}) as Record<string, string>).map(([file, text]) => [
      file,
      JSON.parse(text) as Record<string, never> & { spec: Record<string, never>; data: Record<string, string> },
    ]),
  );
const forWorkers = (over: Partial<HostedClusterSpec> = {}, of = world) =>
  manifestsIn(named(objectsOf(over, of), 'ConfigMap', 'kmc-blue-ingress'));
const podOf = (over: Partial<HostedClusterSpec> = {}) => {
  const { template } = named(objectsOf(over), 'StatefulSet', 'kmc-blue')?.spec as {
    template: {
      spec: { volumes: object[]; containers: [{ command: string[]; volumeMounts: { mountPath: string }[] }] };
    };
  };
  return template.spec;
};

describe('the Ingress', () => {
  it('leads two hosts to the two ports of the Service, with the class and annotations that pass TLS through', () => {
    const backend = (host: string, number: number) => ({
      host,
      http: {
        paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'kmc-blue', port: { number } } } }],
      },
    });
    expect(named(objectsOf(), 'Ingress', 'kmc-blue')).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      metadata: {
        annotations: ingress.annotations,
        labels: { 'app.kubernetes.io/component': 'ingress' },
      },
      spec: {
        ingressClassName: 'haproxy',
        rules: [backend('api.example.com', 30443), backend('konnectivity.example.com', 30132)],
      },
    });
  });

  it("is the user's where the user says so, and of the cluster's default class where none is named", () => {
    expect(objectsOf({ ingress: { ...ingress, deploy: false } }).map(({ kind }) => kind)).not.toContain('Ingress');
    const { className: _className, ...unnamed } = ingress;
    expect(named(objectsOf({ ingress: unnamed }), 'Ingress', 'kmc-blue')?.spec).not.toHaveProperty('ingressClassName');
  });

  it('is not there, nor anything for it, without spec.ingress', () => {
    expect(JSON.stringify(controlPlaneObjects(aPlane(), aWorld()))).not.toMatch(/ingress-|haproxy|endpoint-reconciler/);
  });
});

describe('k0s behind an ingress', () => {
  const configOf = (over: Partial<HostedClusterSpec> = {}) =>
    (hostedK0sConfig(planeOf(over), world) as { spec: Record<string, Record<string, unknown>> }).spec;

  it('is told by which host and port it is called, whatever the workers balance', () => {
    for (const nodeLocalLoadBalancing of [{ enabled: false }, { enabled: true }]) {
      const { api, konnectivity } = configOf({ k0sConfig: { spec: { network: { nodeLocalLoadBalancing } } } });
      expect(api).toMatchObject({ externalAddress: 'api.example.com:8443', port: 30443 });
      expect(konnectivity).toEqual({ agentPort: 30132, externalAddress: 'konnectivity.example.com:8443' });
    }
    expect(configOf().api?.sans).toEqual(expect.arrayContaining(['api.example.com', 'konnectivity.example.com']));
  });

  it('leaves the address of the Service `kubernetes` alone', () => {
    expect(configOf().api?.extraArgs).toMatchObject({ 'endpoint-reconciler-type': 'none' });
    expect(podOf().containers[0].command).toContain('--disable-components=endpoint-reconciler');
  });

  it('tells the workload cluster the port of the ingress', () => {
    const { 'endpoint.yaml': endpoint } = manifestsIn(named(objectsOf(), 'ConfigMap', 'kmc-blue-endpoint'));
    expect(endpoint?.data).toEqual({ apiServerHost: 'api.example.com', apiServerPort: '8443' });
  });
});

describe('workers behind an ingress', () => {
  it('have a proxy that calls the host of the API and checks that it is the API', () => {
    const { '1_haproxy-configmap.yaml': config } = forWorkers();
    const text = config?.data['haproxy.cfg'] ?? '';
    expect(text).toContain('bind :7443 ssl crt /etc/haproxy/certs/server.pem');
    expect(text).toContain(
      'server kube_api api.example.com:8443 ssl verify required ca-file /etc/haproxy/certs/ca.crt sni str(api.example.com)',
    );
  });

  it('find it behind the Service `kubernetes`, each on its own node', () => {
    expect(forWorkers()['3_kube-service.yaml']?.spec).toMatchObject({
      clusterIP: '10.96.0.1',
      internalTrafficPolicy: 'Local',
      ports: [{ port: 443, targetPort: 7443 }],
      selector: { app: 'k0smotron-haproxy' },
    });
  });

  it('find it in another network too, IPv6 included', () => {
    const k0sConfig = { spec: { network: { serviceCIDR: 'fd01::/108', clusterDomain: 'edge.internal' } } };
    expect(forWorkers({ k0sConfig })['3_kube-service.yaml']?.spec).toMatchObject({
      clusterIP: 'fd01::1',
      ipFamilies: ['IPv6'],
    });
    expect(forWorkers({ k0sConfig })['1_haproxy-configmap.yaml']?.data['haproxy.cfg']).toContain('bind [::]:7443 v4v6');
    expect(haproxyNames(planeOf({ k0sConfig }))).toMatchObject({
      dnsNames: expect.arrayContaining(['kubernetes.default.svc', 'kubernetes.default.svc.edge.internal']),
      ips: ['127.0.0.1', 'fd01::1'],
    });
  });

  it('get its key in a Secret, and nowhere else, and start it anew with a new certificate', () => {
    const objects = objectsOf();
    const holders = objects.filter((object) => JSON.stringify(object).includes('KEY'));
    expect(holders.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Secret kmc-blue-ingress-certificate',
    ]);
    expect(manifestsIn(holders[0])['haproxy-certificate.yaml']).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'k0smotron-haproxy-certificate', namespace: 'default' },
      stringData: { 'server.pem': 'CERTIFICATE 1\nKEY\n', 'ca.crt': 'AUTHORITY\n' },
    });
    const renewed = { ...world, ingressCertificate: { ...certificate, certPem: 'CERTIFICATE 2\n' } };
    const daemonSet = (of = world) => JSON.stringify(forWorkers({}, of)['2_haproxy-ds.yaml']);
    expect(daemonSet(renewed)).not.toEqual(daemonSet());
    expect(daemonSet({ ...world, replicas: 3 })).toEqual(daemonSet());
  });

  it('take its image from the registry of the user', () => {
    const image = (repository: string) =>
      JSON.stringify(forWorkers({ k0sConfig: { spec: { images: { repository } } } })['2_haproxy-ds.yaml']);
    expect(image('')).toContain('"image":"haproxy:2.8"');
    expect(image('registry.example.com/mirror')).toContain('"image":"registry.example.com/mirror/haproxy:2.8"');
  });

  it('wait for no restart of API servers when the certificate of the proxy is renewed', () => {
    const renewed = { ...world, ingressCertificate: { ...certificate, certPem: 'CERTIFICATE 2\n' } };
    const statefulSet = (of = world) => named(objectsOf({}, of), 'StatefulSet', 'kmc-blue');
    expect(statefulSet(renewed)).toEqual(statefulSet());
  });
});

describe('agents of konnectivity behind an ingress', () => {
  const agentOf = (over: Partial<HostedClusterSpec> = {}) =>
    JSON.stringify(manifestsIn(named(objectsOf(over), 'ConfigMap', 'kmc-blue-ingress-konnectivity')));

  it.each([
    ['v1.34.4+k0s.0', true],
    ['v1.35.0+k0s.0', true],
    ['v1.35.1+k0s.0', false],
    ['v1.36.0-k0s.0', false],
  ])('are ours with k0s %s: %s', (version, ours) => {
    expect(agentOf({ version }) !== '{}').toBe(ours);
    const { volumeMounts } = podOf({ version }).containers[0];
    const mounted = volumeMounts.some(({ mountPath }) => mountPath === '/var/lib/k0s/manifests/konnectivity');
    expect(mounted).toBe(ours);
  });

  it('call their own host', () => {
    expect(agentOf()).toContain('"--proxy-server-host=konnectivity.example.com","--proxy-server-port=8443"');
  });

  it.each([
    [{}, 'quay.io/k0sproject/apiserver-network-proxy-agent:v0.33.0'],
    [{ repository: 'mirror.example.com' }, 'mirror.example.com/k0sproject/apiserver-network-proxy-agent:v0.33.0'],
    [{ konnectivity: { version: 'v0.34.0' } }, 'quay.io/k0sproject/apiserver-network-proxy-agent:v0.34.0'],
    [{ konnectivity: { image: 'mine/agent@sha256:0' } }, 'mine/agent@sha256:0'],
    [{ konnectivity: { image: 'mine/agent', version: 'v1' } }, 'mine/agent:v1'],
  ])('are of the image that %j says', (images, image) => {
    expect(agentOf({ k0sConfig: { spec: { images } } })).toContain(`"image":"${image}"`);
  });
});
