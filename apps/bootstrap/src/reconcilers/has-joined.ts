import { conditionTypes, type Machine } from '@k0smotron/api';

/**
 * True once the machine is part of its cluster: a worker has a Node. A controller may run no kubelet and then never has one
 * (SR-3): what its control plane found counts, a started etcd member, or its API server where k0s runs no etcd (CP-17).
 */
export function hasJoined({ status }: Machine, role: 'worker' | 'controller'): boolean {
  if (status?.nodeRef?.name) return true;
  if (role === 'worker') return false;
  const member = status?.conditions?.find(({ type }) => type === conditionTypes.etcdMemberHealthy);
  const api = status?.conditions?.find(({ type }) => type === conditionTypes.apiServerHealthy);
  return (member ?? api)?.status === 'True';
}
