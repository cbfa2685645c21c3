export { createApplier, type Applier } from './applier.ts';
export { Cache, type CacheChange, type CacheOptions, type CacheReader, type IndexBy, type Sink } from './cache.ts';
export type {
  ApplyOptions,
  CreateOptions,
  KubeClient,
  ListOptions,
  Listing,
  Patch,
  PatchOptions,
  RawRequest,
  RemoveOptions,
  ReplaceOptions,
  WatchEvent,
  WatchOptions,
} from './client.ts';
export { connectKube, type ConnectOptions } from './connect-kube.ts';
export { ensureOwner, type Ownership } from './ensure-owner.ts';
export {
  AlreadyExistsError,
  ConfigError,
  ConflictError,
  ExpiredError,
  ForbiddenError,
  InvalidError,
  KubeError,
  NotFoundError,
  TooManyRequestsError,
  UnauthorizedError,
  UnreachableError,
} from './errors.ts';
export type { Credentials, CredentialSource, KubeConfig } from './kube-config.ts';
export { KubeconfigClients, type KubeconfigClientsOptions, type KubeconfigSource } from './kubeconfig-clients.ts';
export { loadKubeConfig, type LoadOptions } from './load-kube-config.ts';
export { parseKubeConfig } from './parse-kube-config.ts';
export { reflect, type ReflectOptions } from './reflect.ts';
export { holdLease, type Epoch, type HeldLease, type LeaseOptions } from './lease.ts';
export { WorkloadClusters, type WorkloadClustersOptions } from './workload-clusters.ts';
