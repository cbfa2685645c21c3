import type { HostedClusterSpec } from '@k0smotron/api';

/** Pods of API servers that are wanted: 0 counts as 1, as in the original. */
export const controlPlaneReplicas = ({ replicas }: HostedClusterSpec): number => Math.max(replicas, 1);

/** True when the plane has an etcd of its own. */
export const hasEtcd = ({ storage }: HostedClusterSpec): boolean => storage.type === 'etcd';

/** True when each controller runs a server of NATS in its pod, which keeps the state of the cluster. */
export const hasNats = ({ storage }: HostedClusterSpec): boolean => storage.type === 'nats';

/** Members that etcd shall have: the next odd number from the replicas on, since an even one protects no better. */
export const etcdReplicas = (spec: HostedClusterSpec): number =>
  hasEtcd(spec) ? controlPlaneReplicas(spec) + ((controlPlaneReplicas(spec) + 1) % 2) : 0;
