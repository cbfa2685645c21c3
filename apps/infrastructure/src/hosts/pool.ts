import { annotations, type PooledRemoteMachine } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';

/** How one host of a pool stands. The annotations are the truth; status only shows them (SR-1). */
export type PooledHostState = 'Free' | 'Reserved' | 'Dirty';

/** Reads the state of a host from its annotations. */
export function stateOf({ metadata }: PooledRemoteMachine): PooledHostState {
  if (metadata.annotations?.[annotations.reservedBy]) return 'Reserved';
  return metadata.annotations?.[annotations.dirty] ? 'Dirty' : 'Free';
}

/** Name of the RemoteMachine, in the same namespace, that holds the host. */
export const holderOf = ({ metadata }: PooledRemoteMachine): string | undefined =>
  metadata.annotations?.[annotations.reservedBy];

/** What a RemoteMachine that wants a host is told: one it holds already, one to try for, or why there is none. */
export type PoolChoice =
  | { readonly kind: 'held'; readonly host: PooledRemoteMachine }
  | { readonly kind: 'free'; readonly candidates: readonly PooledRemoteMachine[] }
  | { readonly kind: 'exhausted'; readonly because: string };

/** Chooses by name, so that a pool is used up in an order that users can foresee (k0smotron-behaviour §11.4). */
export function chooseHost(pool: string, hosts: readonly PooledRemoteMachine[], machine: string): PoolChoice {
  const members = hosts
    .filter(({ spec }) => spec.pool === pool)
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en'));
  const held = members.find((host) => holderOf(host) === machine);
  if (held) return { kind: 'held', host: held };

  const candidates = members.filter((host) => stateOf(host) === 'Free' && !isDeleting(host));
  if (candidates.length > 0) return { kind: 'free', candidates };
  return { kind: 'exhausted', because: explain(pool, members) };
}

function explain(pool: string, members: readonly PooledRemoteMachine[]): string {
  if (members.length === 0) {
    return `Pool '${pool}' has no hosts in this namespace: create PooledRemoteMachines with spec.pool '${pool}'`;
  }
  const dirty = members.filter((host) => stateOf(host) === 'Dirty');
  const reserved = members.filter((host) => stateOf(host) === 'Reserved').length;
  const hint =
    dirty.length > 0
      ? `; clean ${dirty.map(({ metadata }) => metadata.name).join(', ')} by hand and remove the annotation ${annotations.dirty}`
      : '';
  return `Pool '${pool}' has no free host: ${members.length} in all, ${reserved} reserved, ${dirty.length} dirty. Add hosts or scale down${hint}`;
}
