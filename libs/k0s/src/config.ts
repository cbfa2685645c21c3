import { floors, versionAtLeast } from './version.ts';

/** Any JSON object, such as a k0s ClusterConfig: users may write fields that we do not know. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What goes into one controller's `k0s.yaml`. */
export interface ControllerConfigOptions {
  /** The user's `spec.k0s`, if any. Never changed and never written back (B-02). */
  readonly k0s?: JsonObject;
  /** The k0s that will read it; the newest unless told. Before v1.31.1 it cannot name its etcd member. */
  readonly version?: string;
  /** Names the etcd member, so that member, ControlNode and Machine are found by one name. */
  readonly machineName: string;
  /** Host of the Cluster's control plane endpoint; empty while unknown. */
  readonly endpointHost: string;
  /** Further names and addresses for the API server's certificate, such as a tunnel's. */
  readonly sans?: readonly string[];
  /** From the Cluster's `spec.clusterNetwork`; they only fill what the user left open. */
  readonly podCidrs?: readonly string[];
  readonly serviceCidrs?: readonly string[];
  readonly serviceDomain?: string;
  /** `--single`: no etcd, so nothing is said about storage. */
  readonly single?: boolean;
}

/**
 * The ClusterConfig of one controller: the user's, completed. The member's name is merged into the user's
 * `storage.etcd.extraArgs`, which stay as they are otherwise. A pure function: the same input gives the same text.
 */
export function renderControllerConfig(options: ControllerConfigOptions): JsonObject {
  const user = options.k0s ?? {};
  const spec = objectAt(user, 'spec');
  return {
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    ...user,
    metadata: { name: 'k0s', ...objectAt(user, 'metadata') },
    spec: {
      ...spec,
      api: withEndpoint(spec, options),
      network: withCidrs(objectAt(spec, 'network'), options),
      ...withMemberName(spec, options),
    },
  };
}

/** The part of the configuration that the whole cluster shares: what may be pushed to a running cluster (§2.7). */
export function renderDynamicConfig(config: JsonObject): JsonObject {
  const { storage: _storage, network, ...spec } = objectAt(config, 'spec');
  const { controlPlaneLoadBalancing: _balancing, ...shared } = toJsonObject(network);
  return { ...config, metadata: { name: 'k0s', namespace: 'kube-system' }, spec: { ...spec, network: shared } };
}

/** True when k0s runs the members of an etcd of its own, which are ours to add and remove (CP-17). */
export function managesEtcd(
  k0s: JsonObject | undefined,
  { single = false }: { readonly single?: boolean } = {},
): boolean {
  const storage = objectAt(objectAt(k0s ?? {}, 'spec'), 'storage');
  if (storage.type === undefined && storage.etcd === undefined && single) return false;
  return storage.type !== 'kine' && objectAt(storage, 'etcd').externalCluster === undefined;
}

/** Port of k0s's own join API, from `spec.api.k0sApiPort`. */
export function k0sApiPort(k0s: JsonObject | undefined): number {
  const port = objectAt(objectAt(k0s ?? {}, 'spec'), 'api').k0sApiPort;
  return typeof port === 'number' ? port : 9443;
}

function withEndpoint(spec: JsonObject, { endpointHost, sans = [] }: ControllerConfigOptions): JsonObject {
  const api = objectAt(spec, 'api');
  const balancing = objectAt(objectAt(spec, 'network'), 'nodeLocalLoadBalancing').enabled === true;
  // With node-local load balancing workers must not be led to one external address; its certificate still names it.
  const external = balancing ? undefined : api.externalAddress || endpointHost || undefined;
  const names = [...stringsOf(api.sans), ...(endpointHost && endpointHost !== external ? [endpointHost] : []), ...sans];
  return {
    ...api,
    ...(external ? { externalAddress: external } : {}),
    ...(names.length > 0 ? { sans: [...new Set(names)] } : {}),
  };
}

function withCidrs(
  network: JsonObject,
  { podCidrs, serviceCidrs, serviceDomain }: ControllerConfigOptions,
): JsonObject {
  const dual = objectAt(network, 'dualStack');
  const [pods, services] = [splitFamilies(podCidrs), splitFamilies(serviceCidrs)];
  const bothFamilies = pods.second !== undefined && services.second !== undefined && Object.keys(dual).length === 0;
  return {
    ...(pods.first ? { podCIDR: pods.first } : {}),
    ...(services.first ? { serviceCIDR: services.first } : {}),
    ...(serviceDomain ? { clusterDomain: serviceDomain } : {}),
    ...(bothFamilies
      ? { dualStack: { enabled: true, IPv6podCIDR: pods.second, IPv6serviceCIDR: services.second } }
      : {}),
    ...network,
  };
}

/** k0s takes the IPv4 range in one field and the IPv6 range of a dual-stack cluster in another. */
function splitFamilies(cidrs: readonly string[] = []): { first?: string; second?: string } {
  const v4 = cidrs.find((cidr) => !cidr.includes(':'));
  const v6 = cidrs.find((cidr) => cidr.includes(':'));
  return v4 ? { first: v4, second: v6 } : { first: v6 };
}

function withMemberName(spec: JsonObject, options: ControllerConfigOptions): { storage?: JsonObject } {
  const storage = objectAt(spec, 'storage');
  const named = options.version === undefined || versionAtLeast(options.version, floors.etcdMemberName);
  if (!named || !managesEtcd({ spec }, options)) return spec.storage === undefined ? {} : { storage };
  const etcd = objectAt(storage, 'etcd');
  // The name comes last: two members of one name cannot be told apart.
  const extraArgs = { ...objectAt(etcd, 'extraArgs'), name: options.machineName };
  return { storage: { type: 'etcd', ...storage, etcd: { ...etcd, extraArgs } } };
}

const objectAt = (from: JsonObject, key: string): JsonObject => toJsonObject(from[key]);

/** The value, if it is an object; else an empty one. */
export const toJsonObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
