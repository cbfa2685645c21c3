import { conditionTypes, type Machine } from '@k0smotron/api';

/**
 * True once the machine is part of its cluster: a worker has a Node; a controller, which may run no kubelet and then never
 * has one (SR-3), a started etcd member, as the control-plane provider found.
 */
export function hasJoined({ status }: Machine, role: 'worker' | 'controller'): boolean {
  if (status?.nodeRef?.name) return true;
  if (role === 'worker') return false;
  return status?.conditions?.some(({ type, status: value }) => type === conditionTypes.etcdMemberHealthy && value === 'True') ?? false;
}
