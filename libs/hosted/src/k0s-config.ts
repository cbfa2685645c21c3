import { certificatesFolder } from './certificate-files.ts';
import { asObject, objectAt, textsOf, type JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import type { HostedPlane, HostedWorld } from './plane.ts';
import { hasEtcd } from './replicas.ts';

/**
 * The ClusterConfig of the plane's controllers: the user's, with address, ports and storage filled in by us, as the original
 * fills them in. A pure function: the same input gives the same object.
 */
export function hostedK0sConfig(plane: HostedPlane, world: HostedWorld): JsonObject {
  const user = plane.spec.k0sConfig ?? {};
  const spec = objectAt(user, 'spec');
  return {
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    ...user,
    metadata: { name: 'k0s', ...objectAt(user, 'metadata') },
    spec: {
      ...spec,
      api: api(plane, world, spec),
      controllerManager: withArgs(objectAt(spec, 'controllerManager'), {
        'service-account-private-key-file': `${certificatesFolder}/sa.key`,
      }),
      konnectivity: { ...objectAt(spec, 'konnectivity'), agentPort: plane.spec.service.konnectivityPort },
      storage: storage(plane, world),
    },
  };
}

/**
 * The part of the configuration that pods must be restarted for. How many members etcd has is not in it: a controller that
 * knows some of them, and the Service of all, needs no restart when one comes or goes.
 */
export function restartingConfig(config: JsonObject): JsonObject {
  const { storage: stored, ...spec } = objectAt(config, 'spec');
  const { etcd, ...otherStorage } = asObject(stored);
  const { endpoints: _endpoints, ...cluster } = objectAt(asObject(etcd), 'externalCluster');
  return { ...config, spec: { ...spec, storage: { ...otherStorage, externalCluster: cluster } } };
}

function api({ namespace, spec, ...plane }: HostedPlane, world: HostedWorld, config: JsonObject): JsonObject {
  const given = objectAt(config, 'api');
  // With node-local load balancing workers must not be led to one external address; its certificate still names it.
  const balancing = objectAt(objectAt(config, 'network'), 'nodeLocalLoadBalancing').enabled === true;
  const service = namesOf({ namespace, spec, ...plane }).service;
  const names = [
    ...textsOf(given.sans),
    ...(world.externalAddress ? [world.externalAddress] : []),
    ...[service, `${service}.${namespace}`, `${service}.${namespace}.svc`],
    `${service}.${namespace}.svc.cluster.local`,
    ...world.serviceAddresses,
    ...(spec.ingress ? [spec.ingress.apiHost, spec.ingress.konnectivityHost] : []),
    'localhost',
  ];
  return {
    ...withArgs(given, {
      'service-account-key-file': `${certificatesFolder}/sa.pub`,
      'service-account-signing-key-file': `${certificatesFolder}/sa.key`,
    }),
    ...(world.externalAddress && !balancing ? { externalAddress: world.externalAddress } : {}),
    port: spec.service.apiPort,
    sans: [...new Set(names)],
  };
}

/** k0s would use a service account key beside its own certificates, and change its owner: not where it is mounted. */
const withArgs = (component: JsonObject, ours: JsonObject): JsonObject => ({
  ...component,
  extraArgs: { ...ours, ...objectAt(component, 'extraArgs') },
});

function storage(plane: HostedPlane, world: HostedWorld): JsonObject {
  if (!hasEtcd(plane.spec)) {
    const { dataSourceURL = '' } = plane.spec.storage.kine ?? {};
    return { type: 'kine', kine: { dataSource: world.kineDataSource ?? dataSourceURL } };
  }
  const names = namesOf(plane);
  // One endpoint for each member lets a client leave a dead one at once; the Service is for members that come later.
  const hosts = [...(world.etcd?.ordinals ?? []).map(names.etcdHost), `${names.etcd}.${plane.namespace}.svc`];
  return {
    type: 'etcd',
    etcd: {
      externalCluster: {
        endpoints: hosts.map((host) => `https://${host}:2379`),
        // Snapshots are restored under this prefix only (SR-14), so it is the plane's name, as in the original.
        etcdPrefix: plane.name,
        caFile: `${certificatesFolder}/etcd-ca.crt`,
        clientCertFile: `${certificatesFolder}/apiserver-etcd-client.crt`,
        clientKeyFile: `${certificatesFolder}/apiserver-etcd-client.key`,
      },
    },
  };
}
