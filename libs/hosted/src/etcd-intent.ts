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
  const intent = intentFor(replicas);
  // A wish that changes while etcd begins waits: members that were begun with different lists are different etcds.
  if (!recorded) return intent(begunWith.length > 0 ? begunWith : range(replicas), 'beginning');
  if (view.unknown !== undefined) return intent(range(observed.replicas ?? podsThere(observed) ?? replicas), 'settled');
  const members = view.members.map((member) => ({ member, ordinal: ordinalOf(member) }));
  return {
    ...intent(
      members.flatMap(({ ordinal }) => ordinal ?? []),
      members.some(({ member }) => !member.started) ? 'joining' : 'settled',
    ),
    peerUrls: Object.fromEntries(
      members.flatMap(({ member, ordinal }) => {
        const [url] = member.peerUrls;
        return ordinal === undefined || url === undefined ? [] : [[ordinal, url]];
      }),
    ),
  };
}

/** Nobody manages pods while their StatefulSet is made anew: none of them may go because etcd cannot be seen just then. */
const podsThere = ({ pods }: ObservedEtcd): number | undefined =>
  pods.length === 0 ? undefined : Math.max(...pods.map(({ ordinal }) => ordinal)) + 1;

const intentFor =
  (wanted: number) =>
  (ordinals: readonly number[], phase: HostedEtcd['phase']): HostedEtcd => {
    const sorted = ascending(ordinals);
    const known = ascending([...sorted, ...range(wanted)]);
    return { ordinals: sorted, phase, replicas: (sorted.at(-1) ?? -1) + 1, services: known.length > 1 ? known : [] };
  };

const ascending = (ordinals: readonly number[]): readonly number[] => [...new Set(ordinals)].sort((a, b) => a - b);

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, ordinal) => ordinal);
