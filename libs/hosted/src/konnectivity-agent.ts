import { objectAt, type JsonObject } from './json.ts';
import type { HostedPlane } from './plane.ts';
import { imageOf, imagesOf } from './workload-images.ts';

const name = 'konnectivity-agent';
const namespace = 'kube-system';
const labels = { 'k8s-app': name };
const tokenFolder = '/var/run/secrets/tokens';
const healthPort = 8093;
/** What k0s has before it lets agents call an ingress. */
const defaultImage = { image: 'quay.io/k0sproject/apiserver-network-proxy-agent', version: 'v0.33.0' };

/** The agent of konnectivity as k0s deploys it, but that it calls the ingress. */
export const konnectivityAgent = (plane: HostedPlane): JsonObject => ({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:konnectivity-server', labels: clusterService },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:konnectivity-server' }],
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels: clusterService } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: agentPod(plane) } },
    },
  ],
});

const clusterService = { 'kubernetes.io/cluster-service': 'true' };

function agentPod(plane: HostedPlane): JsonObject {
  const { konnectivityHost = '', port = 443 } = plane.spec.ingress ?? {};
  const probe = (path: string): JsonObject => ({
    httpGet: { path, port: healthPort },
    initialDelaySeconds: 15,
    timeoutSeconds: 15,
  });
  return {
    serviceAccountName: name,
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }],
    // Group 0 reads the token.
    securityContext: { runAsNonRoot: true, supplementalGroups: [0] },
    containers: [
      {
        name,
        image: agentImage(plane),
        imagePullPolicy: pullPolicy(plane),
        command: ['/proxy-agent'],
        env: [{ name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
        args: [
          '--logtostderr=true',
          '--ca-cert=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
          `--proxy-server-host=${konnectivityHost}`,
          `--proxy-server-port=${port}`,
          `--service-account-token-path=${tokenFolder}/${name}-token`,
          '--agent-identifiers=host=$(NODE_IP)',
          '--agent-id=$(NODE_IP)',
        ],
        volumeMounts: [{ name: 'token', mountPath: tokenFolder, readOnly: true }],
        livenessProbe: probe('/healthz'),
        readinessProbe: probe('/readyz'),
      },
    ],
    volumes: [
      {
        name: 'token',
        projected: {
          sources: [{ serviceAccountToken: { path: `${name}-token`, audience: 'system:konnectivity-server' } }],
        },
      },
    ],
  };
}

/** The user's image, as k0s would take it; without a version of its own an image of the user's stays as it is written. */
function agentImage(plane: HostedPlane): string {
  const given = objectAt(imagesOf(plane), 'konnectivity');
  const image = textIn(given.image);
  const version = textIn(given.version) ?? (image === undefined ? defaultImage.version : undefined);
  return imageOf(plane, [image ?? defaultImage.image, ...(version === undefined ? [] : [version])].join(':'));
}

const pullPolicy = (plane: HostedPlane): string => textIn(imagesOf(plane).default_pull_policy) ?? 'IfNotPresent';

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
