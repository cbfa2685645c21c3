import { certificatesFolder } from './certificate-files.ts';
import { objectAt, type JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import type { HostedPlane, HostedWorld } from './plane.ts';
import { controlPlaneReplicas } from './replicas.ts';

/** Where `k0s.yaml` is: not /etc/k0s, where users mount files of their own, which a read-only volume would not let in. */
export const configFolder = '/etc/k0s-config';

/**
 * The part of k0s's configuration that says where the state of the cluster is kept. It is ours to say; of the user's own only
 * the arguments for kine stay.
 *
 * @param given `spec.storage` of the user's configuration
 */
export function storageConfig(plane: HostedPlane, world: HostedWorld, given: JsonObject): JsonObject {
  const { storage } = plane.spec;
  switch (storage.type) {
    case 'etcd':
      return { type: 'etcd', etcd: { externalCluster: externalEtcd(plane, world) } };
    case 'nats':
      return kineConfig(natsSource(plane), given);
    case 'kine':
      return kineConfig(world.kineDataSource ?? storage.kine?.dataSourceURL, given);
  }
}

function externalEtcd(plane: HostedPlane, { etcd }: HostedWorld): JsonObject {
  const names = namesOf(plane);
  // One endpoint for each member lets a client leave a dead one at once; the Service is for members that come later.
  const hosts = [...(etcd?.ordinals ?? []).map(names.etcdHost), `${names.etcd}.${plane.namespace}.svc`];
  return {
    endpoints: hosts.map((host) => `https://${host}:2379`),
    // Snapshots are restored under this prefix only (SR-14), so it is the plane's name, as in the original.
    etcdPrefix: plane.name,
    caFile: `${certificatesFolder}/etcd-ca.crt`,
    clientCertFile: `${certificatesFolder}/apiserver-etcd-client.crt`,
    clientKeyFile: `${certificatesFolder}/apiserver-etcd-client.key`,
  };
}

/** Without a data source k0s keeps a database of SQLite in its data folder. */
function kineConfig(dataSource: string | undefined, given: JsonObject): JsonObject {
  const { extraArgs } = objectAt(given, 'kine');
  const kine = { ...(dataSource ? { dataSource } : {}), ...(extraArgs ? { extraArgs } : {}) };
  return { type: 'kine', ...(Object.keys(kine).length > 0 ? { kine } : {}) };
}

/**
 * kine starts the server of NATS in its own process. k0s takes such a store for one that a single controller can use, and
 * then each of several would lead, and workers would be told of one alone; it says otherwise when it reads `noEmbed`. kine
 * reads parameters from the first of several addresses only, so there it stands behind a second, which is not used.
 */
function natsSource({ spec }: HostedPlane): string {
  const replicas = controlPlaneReplicas(spec);
  const source = `nats://?serverConfig=${configFolder}/nats.conf`;
  return replicas > 1 ? `${source}&replicas=${replicas},nats://?&noEmbed` : source;
}
