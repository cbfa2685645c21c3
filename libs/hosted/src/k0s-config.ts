import { certificatesFolder } from './certificate-files.ts';
import { asObject, objectAt, textsOf, type JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import type { HostedPlane, HostedWorld } from './plane.ts';
import { storageConfig } from './storage-config.ts';

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
      konnectivity: konnectivity(plane, objectAt(spec, 'konnectivity')),
      storage: storageConfig(plane, world, objectAt(spec, 'storage')),
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
  const { ingress } = spec;
  const direct = balancing ? undefined : world.externalAddress;
  const externalAddress = ingress ? `${ingress.apiHost}:${ingress.port}` : direct;
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
      // Pods are led to a proxy on their node.
      ...(spec.ingress ? { 'endpoint-reconciler-type': 'none' } : {}),
    }),
    ...(externalAddress ? { externalAddress } : {}),
    port: spec.service.apiPort,
    sans: [...new Set(names)],
  };
}

/** Agents call the ingress where there is one, by a host name of their own, so that it can tell them from clients. */
const konnectivity = ({ spec: { service, ingress } }: HostedPlane, given: JsonObject): JsonObject => ({
  ...given,
  agentPort: service.konnectivityPort,
  ...(ingress ? { externalAddress: `${ingress.konnectivityHost}:${ingress.port}` } : {}),
});

/** k0s would use a service account key beside its own certificates, and change its owner: not where it is mounted. */
const withArgs = (component: JsonObject, ours: JsonObject): JsonObject => ({
  ...component,
  extraArgs: { ...ours, ...objectAt(component, 'extraArgs') },
});
