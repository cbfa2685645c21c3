import { etcdCertificates } from './certificate-files.ts';
import type { JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import { placement } from './placement.ts';
import type { HostedPlane } from './plane.ts';
import { confined, podIdentity } from './pod-security.ts';

/** Name of the volume with a member's data; its claims are `etcd-data-<pod>`, as in the original. */
export const etcdData = 'etcd-data';

const dataFolder = '/var/lib/k0s/etcd';

/** User and group of etcd: the original's group. */
const etcdUser = 1001;

const metricsPort = 2381;

/**
 * The spec of a member's pod. Nothing in it says how many members there are: that comes from a ConfigMap at start, so growing
 * and shrinking restarts nobody. The user's flags are items of a list, which no shell reads, and win over the environment.
 */
export function etcdPod(plane: HostedPlane): JsonObject {
  const { image, args = [], resources } = plane.spec.storage.etcd;
  return {
    ...podIdentity(plane),
    ...placement(plane, 'etcd'),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: etcdUser,
      runAsGroup: etcdUser,
      fsGroup: etcdUser,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'etcd',
        image,
        command: ['etcd', ...args],
        env: environment(plane),
        envFrom: [{ configMapRef: { name: namesOf(plane).etcdMembers } }],
        ports: Object.entries({ client: 2379, peer: 2380, metrics: metricsPort }).map(([name, containerPort]) => ({
          name,
          containerPort,
          protocol: 'TCP',
        })),
        ...(resources ? { resources } : {}),
        securityContext: confined(),
        // True while there is a leader: a member alone without the others is of no use to an API server.
        readinessProbe: {
          httpGet: { path: '/health', port: metricsPort },
          periodSeconds: 2,
          timeoutSeconds: 5,
          failureThreshold: 3,
        },
        volumeMounts: [
          { name: etcdData, mountPath: dataFolder },
          { name: 'certificates', mountPath: '/pki', readOnly: true },
        ],
      },
    ],
    volumes: [etcdCertificates(plane)],
  };
}

function environment(plane: HostedPlane): readonly JsonObject[] {
  const host = `$(POD_NAME).${namesOf(plane).etcd}.${plane.namespace}.svc`;
  const settings = {
    ETCD_ADVERTISE_CLIENT_URLS: `https://${host}:2379`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: `https://${host}:2380`,
    // Go listens on both families for this, and where there is no IPv6 too.
    ETCD_LISTEN_CLIENT_URLS: 'https://0.0.0.0:2379',
    ETCD_LISTEN_PEER_URLS: 'https://0.0.0.0:2380',
    ETCD_LISTEN_METRICS_URLS: `http://0.0.0.0:${metricsPort}`,
    ETCD_DATA_DIR: dataFolder,
    ETCD_CLIENT_CERT_AUTH: 'true',
    ETCD_TRUSTED_CA_FILE: '/pki/etcd-ca.crt',
    ETCD_CERT_FILE: '/pki/server.crt',
    ETCD_KEY_FILE: '/pki/server.key',
    ETCD_PEER_CLIENT_CERT_AUTH: 'true',
    ETCD_PEER_TRUSTED_CA_FILE: '/pki/etcd-ca.crt',
    ETCD_PEER_CERT_FILE: '/pki/peer.crt',
    ETCD_PEER_KEY_FILE: '/pki/peer.key',
    ETCD_TLS_MIN_VERSION: 'TLS1.2',
    ETCD_AUTO_COMPACTION_MODE: 'periodic',
    ETCD_AUTO_COMPACTION_RETENTION: '5m',
    ETCD_SNAPSHOT_COUNT: '10000',
  };
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'ETCD_NAME', value: '$(POD_NAME)' },
    ...Object.entries(settings).map(([name, value]) => ({ name, value })),
  ];
}
