import { certificatesFolder } from './certificate-files.ts';
import type { JsonObject } from './json.ts';
import { selectorLabels } from './labels.ts';
import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';
import { controlPlaneReplicas, hasNats } from './replicas.ts';

/** Where servers of NATS find each other. */
export const natsRoutesPort = 6222;

/** Name of the volume with a server's data; its claims are `nats-data-<pod>`, as in the original. */
const natsData = 'nats-data';
const natsFolder = '/nats-data';

/** etcd takes requests of 1.5 MiB; kine writes values as text, which is a third longer. NATS alone would stop at 1 MiB. */
const maxPayloadBytes = 4 * 1024 * 1024;

/** The headless Service by which servers of NATS find each other, ready or not; none when the state is kept elsewhere. */
export function natsObjects(plane: HostedPlane): readonly HostedObject[] {
  if (!hasNats(plane.spec)) return [];
  const service = hostedObject(
    plane,
    { kind: 'Service', name: namesOf(plane).nats, group: 'cluster', component: 'control-plane' },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: 'None',
        ipFamilyPolicy: 'PreferDualStack',
        publishNotReadyAddresses: true,
        selector: selectorLabels(plane, 'cluster'),
        ports: [{ name: 'cluster', protocol: 'TCP', port: natsRoutesPort, targetPort: natsRoutesPort }],
      },
    },
  );
  return [service];
}

/**
 * `nats.conf`: JSON but for the server's name, since a variable of the environment is not read inside quotes. Clients are in
 * the same pod. Servers prove themselves to each other by certificates, since everything that the cluster keeps goes over
 * their routes; they are all named, because that says how many must agree on a leader.
 */
export function natsConfig(plane: HostedPlane): string | undefined {
  if (!hasNats(plane.spec)) return undefined;
  const settings = {
    listen: '127.0.0.1:4222',
    max_payload: maxPayloadBytes,
    jetstream: { store_dir: natsFolder },
    ...(controlPlaneReplicas(plane.spec) > 1 ? { cluster: natsCluster(plane) } : {}),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return ['server_name: $POD_NAME', ...lines, ''].join('\n');
}

function natsCluster(plane: HostedPlane): JsonObject {
  const names = namesOf(plane);
  const ordinals = Array.from({ length: controlPlaneReplicas(plane.spec) }, (_, ordinal) => ordinal);
  return {
    name: names.controlPlane,
    listen: `0.0.0.0:${natsRoutesPort}`,
    tls: {
      cert_file: `${certificatesFolder}/nats.crt`,
      key_file: `${certificatesFolder}/nats.key`,
      ca_file: `${certificatesFolder}/etcd-ca.crt`,
      verify: true,
    },
    routes: ordinals.map((ordinal) => `nats://${names.natsHost(ordinal)}:${natsRoutesPort}`),
  };
}

/** The claim of each server's data. */
export function natsClaims({ spec }: HostedPlane): readonly JsonObject[] {
  if (!hasNats(spec)) return [];
  const { storageClass, size = '1Gi' } = spec.storage.nats?.persistence ?? {};
  const claim = {
    accessModes: ['ReadWriteOnce'],
    ...(storageClass ? { storageClassName: storageClass } : {}),
    resources: { requests: { storage: String(size) } },
  };
  return [{ metadata: { name: natsData }, spec: claim }];
}

/** Where that claim is mounted. */
export const natsMounts = ({ spec }: HostedPlane): readonly JsonObject[] =>
  hasNats(spec) ? [{ name: natsData, mountPath: natsFolder }] : [];
