import { isIPv6 } from 'node:net';
import { intentHash } from './intent-hash.ts';
import { imageOf } from './workload-images.ts';
import type { JsonObject } from './json.ts';
import type { HostedPlane, IngressCertificate } from './plane.ts';
import { konnectivityAgent } from './konnectivity-agent.ts';
import { haproxyNamespace, haproxyPort, haproxySecretName, kubernetesServiceAddress } from './workload-ingress.ts';

const name = 'k0smotron-haproxy';
const configName = 'k0smotron-haproxy-config';
const labels = { app: name };
/** Nobody: the proxy needs no rights at all. */
const user = 65_534;

/**
 * What the workload cluster needs when its API stands behind an ingress, by the names of the original's files. Ingresses choose
 * by the host name of TLS, and pods call an address: a proxy on each worker answers there and calls the host name.
 */
export const ingressManifests = (
  plane: HostedPlane,
  certificate: IngressCertificate,
): Readonly<Record<string, JsonObject>> => {
  const config = haproxyConfig(plane);
  return {
    '0_temp-kubernetes-ep': placeholderEndpoints,
    '1_haproxy-configmap': {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: configName, namespace: haproxyNamespace },
      data: { 'haproxy.cfg': config },
    },
    // haproxy reads its files at start only.
    '2_haproxy-ds': daemonSet(plane, intentHash([config, certificate.certPem])),
    '3_kube-service': kubernetesService(plane),
  };
};

/** The agent of konnectivity, for versions of k0s whose own does not call the ingress. */
export const konnectivityManifests = (plane: HostedPlane): Readonly<Record<string, JsonObject>> => ({
  'konnectivity-agent': konnectivityAgent(plane),
});

/**
 * k0s makes no profile for workers before the Service has an address, and the first proxy gives it one. Until then it is one
 * that leads nowhere, of a network that is kept for examples (RFC 5737).
 */
const placeholderEndpoints: JsonObject = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'kubernetes', namespace: 'default' },
  subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'https', port: haproxyPort, protocol: 'TCP' }] }],
};

/** Watches are quiet for minutes, and clients ask every half minute whether anybody is there. */
function haproxyConfig(plane: HostedPlane): string {
  const { apiHost = '', port = 443 } = plane.spec.ingress ?? {};
  const address = isIPv6(kubernetesServiceAddress(plane)) ? `[::]:${haproxyPort} v4v6` : `:${haproxyPort}`;
  return [
    'defaults',
    '    mode tcp',
    '    timeout connect 10s',
    '    timeout client 1h',
    '    timeout server 1h',
    '',
    'frontend kubeapi_front',
    `    bind ${address} ssl crt /etc/haproxy/certs/server.pem`,
    '    default_backend kubeapi_back',
    '',
    'backend kubeapi_back',
    `    server kube_api ${apiHost}:${port} ssl verify required ca-file /etc/haproxy/certs/ca.crt sni str(${apiHost})`,
    '',
  ].join('\n');
}

const daemonSet = (plane: HostedPlane, hash: string): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: haproxyNamespace, labels },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: { 'k0smotron.io/config-hash': hash } },
      spec: {
        // There before the network of pods, which may need the API to come up.
        hostNetwork: true,
        automountServiceAccountToken: false,
        priorityClassName: 'system-node-critical',
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: user,
          runAsGroup: user,
          fsGroup: user,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'haproxy',
            image: imageOf(plane, 'haproxy:2.8'),
            args: ['-f', '/usr/local/etc/haproxy/haproxy.cfg'],
            ports: [{ name: 'https', containerPort: haproxyPort, protocol: 'TCP' }],
            readinessProbe: { tcpSocket: { port: haproxyPort }, periodSeconds: 5 },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [
              { name: 'config', mountPath: '/usr/local/etc/haproxy', readOnly: true },
              { name: 'certificate', mountPath: '/etc/haproxy/certs', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'config', configMap: { name: configName } },
          { name: 'certificate', secret: { secretName: haproxySecretName, defaultMode: 0o440 } },
        ],
      },
    },
  },
});

/** The API server makes this Service at its first start; it keeps its address and finds the proxy of the pod's own node. */
function kubernetesService(plane: HostedPlane): JsonObject {
  const address = kubernetesServiceAddress(plane);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: address,
      clusterIPs: [address],
      ipFamilies: [isIPv6(address) ? 'IPv6' : 'IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Local',
      sessionAffinity: 'None',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: haproxyPort }],
      selector: labels,
    },
  };
}
