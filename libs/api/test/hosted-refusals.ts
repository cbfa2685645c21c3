import type { JsonObject } from '../src/conversion/json.ts';
import type { Refusal, Update } from './refusals.ts';

const metadata = { name: 'refused', namespace: 'default' };
const ingress = { apiHost: 'api.example.org', konnectivityHost: 'konnectivity.example.org' };

const cluster = (spec: JsonObject): JsonObject => ({
  apiVersion: 'k0smotron.io/v1beta2',
  kind: 'Cluster',
  metadata,
  spec: { version: 'v1.34.4-k0s.0', ...spec },
});

const plane = (spec: JsonObject): JsonObject => ({
  apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
  kind: 'K0smotronControlPlane',
  metadata,
  spec,
});

const request = (spec: JsonObject): JsonObject => ({
  apiVersion: 'k0smotron.io/v1beta2',
  kind: 'JoinTokenRequest',
  metadata,
  spec: { clusterName: 'c', ...spec },
});

/** Creations of hosted clusters and what belongs to them that are refused. */
export const hostedRefusals: readonly Refusal[] = [
  { what: 'no version of a Cluster', object: cluster({ version: 'latest' }), message: 'not a k0s version' },
  {
    what: 'k0s v1.34.0 behind an ingress',
    object: cluster({ version: 'v1.34.0-k0s.0', ingress }),
    message: 'write v1.34.1+k0s.0 or later',
  },
  {
    what: 'an ingress of a K0smotronControlPlane without version',
    object: plane({ ingress }),
    message: 'spec.ingress needs spec.version',
  },
  {
    what: 'persistence of type pvc without a claim',
    object: cluster({ persistence: { type: 'pvc' } }),
    message: 'write persistence.persistentVolumeClaim',
  },
  { what: 'an expiry that is no duration', object: request({ expiry: '1 day; id' }), message: 'write for example 24h' },
  { what: 'an expiry with a shell in it', object: request({ expiry: '24h$(id)' }), message: 'write for example 24h' },
  { what: 'an expiry before now', object: request({ expiry: '-1h' }), message: 'write for example 24h' },
  { what: 'an expiry of two lines', object: request({ expiry: '1h\n1h' }), message: 'write for example 24h' },
  { what: 'a long expiry', object: request({ expiry: `${'9'.repeat(64)}h` }), message: 'Too long' },
  { what: 'a shell for a Cluster', object: request({ clusterName: `a;${'b'.repeat(62)}` }), message: 'Too long' },
  { what: 'a token for no Cluster', object: request({ clusterName: '' }), message: 'spec.clusterName' },
];

/** Updates of hosted clusters. */
export const hostedUpdates: readonly Update[] = [
  { what: 'a Cluster by one minor version', before: cluster({}), patch: { spec: { version: 'v1.35.1+k0s.0' } } },
  {
    what: 'a Cluster by two minor versions',
    before: cluster({}),
    patch: { spec: { version: 'v1.36.1+k0s.0' } },
    message: 'one minor version at a time',
  },
  {
    what: 'a first version of a K0smotronControlPlane',
    before: plane({}),
    patch: { spec: { version: 'v1.35.1+k0s.0' } },
  },
  {
    what: 'replicas of a Cluster on NATS',
    before: cluster({ storage: { type: 'nats' } }),
    patch: { spec: { replicas: 3 } },
    message: 'write replicas as it was',
  },
];
