import { ordinalOf } from './etcd-ordinal.ts';
import type { ObservedEtcd } from './etcd-move.ts';
import type { HostedEtcd } from './plane.ts';

/**
 * What the ConfigMap of members and the StatefulSet shall say. Once etcd exists they follow etcd's own list of members, never
 * the wish: a pod comes after its member has been added, and goes after its member has been removed.
 *
 * @param replicas members wanted, from `etcdReplicas`
 */
export function etcdIntent(observed: ObservedEtcd, replicas: number): HostedEtcd {
  const { view, recorded, begunWith = [] } = observed;
  // A wish that changes while etcd begins waits: members that were begun with different lists are different etcds.
  if (!recorded) return intent(begunWith.length > 0 ? begunWith : range(replicas), 'beginning');
  if (view.unknown !== undefined) return intent(range(observed.replicas ?? replicas), 'settled');
  const members = view.members.map((member) => ({ member, ordinal: ordinalOf(member) }));
  return intent(
    members.flatMap(({ ordinal }) => ordinal ?? []),
    members.some(({ member }) => !member.started) ? 'joining' : 'settled',
  );
}

const intent = (ordinals: readonly number[], phase: HostedEtcd['phase']): HostedEtcd => {
  const sorted = [...new Set(ordinals)].sort((a, b) => a - b);
  return { ordinals: sorted, phase, replicas: (sorted.at(-1) ?? -1) + 1 };
};

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, ordinal) => ordinal);
