import { ControlNode, EtcdMember } from '@k0smotron/api';
import { messageOf } from '@k0smotron/core';
import type { EtcdAdmin } from '@k0smotron/etcd';
import { factObject, memberRemoved } from '@k0smotron/events';
import type { Move } from '@k0smotron/rollout';
import { clientCertificates } from '../secrets/client-certificates.ts';
import { tellClients } from '../secrets/issuing.ts';
import { readCertificates } from '../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { openEtcd } from './etcd-line.ts';

type Leave = Extract<Move, { kind: 'leave' }>;
type Evict = Extract<Move, { kind: 'evict' }>;

/**
 * Takes the member of a controller out of etcd through the etcd of another one, leadership first, so that it works for a
 * dead controller too (SR-4).
 *
 * @throws Error when no other controller's etcd answers.
 */
export async function leaveEtcd(scope: ControlPlaneScope, move: Leave, signal: AbortSignal): Promise<void> {
  const { moveLeaderTo: heir } = move;
  // Only the leader itself can hand over.
  if (heir) await onEtcd(scope, [move.name], (admin) => admin.moveLeader(heir, signal), signal);
  await removeMember(scope, move.memberId, move.name, signal);
  scope.run.event('Normal', 'EtcdMemberRemoved', `${move.name} has left etcd`);
}

/** Takes a member out of etcd that no machine runs any more, such as that of a Machine that was removed by force. */
export async function evictMember(scope: ControlPlaneScope, move: Evict, signal: AbortSignal): Promise<void> {
  const name = scope.found.seen?.etcd.members.find(({ id }) => id === move.memberId)?.name;
  await removeMember(scope, move.memberId, name, signal);
  scope.run.event('Warning', 'EtcdMemberEvicted', `Removed an etcd member: ${move.because}`);
  if (name) await forgetInWorkload(scope, name, signal);
}

function removeMember(
  scope: ControlPlaneScope,
  id: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const healthy = (scope.found.seen?.etcd.members ?? []).filter(
    (member) => member.healthy === true && member.id !== id,
  );
  const names = healthy.map((member) => member.name).filter((other) => other !== name);
  const { run, plane, audit } = scope;
  const fact = memberRemoved(factObject(plane), { member: id, ...(name ? { machine: name } : {}) }, run.clock.now());
  const remove = () => onEtcd(scope, names, (admin) => admin.removeMember(id, signal), signal);
  return audit.around(run.kube, { fact, run: remove }, signal);
}

/** Acts through the etcd of the first of these controllers that is reached over SSH. */
async function onEtcd(
  scope: ControlPlaneScope,
  names: readonly string[],
  act: (admin: EtcdAdmin) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { run, hosts, controllers, clusterKey, found } = scope;
  const { ca, etcd } = found.certificates ?? (await readCertificates(run.kube, clusterKey, signal));
  if (!ca || !etcd) throw new Error(`Secret ${clusterKey.name}-etcd is not there: without it nobody can talk to etcd`);
  const { etcdClient } = await clientCertificates({ ca, etcd }, run.clock.now(), tellClients(scope, signal));
  const chosen = controllers.find(({ name, remote }) => remote !== undefined && names.includes(name));
  if (!chosen?.remote) throw new Error('no other etcd member answers over SSH');
  const admin = await openEtcd(await hosts.session(run, chosen.remote, signal), etcd.certPem, etcdClient);
  try {
    await act(admin);
  } finally {
    admin.close();
  }
}

const forgetLimitMs = 3000;

/**
 * k0s keeps an EtcdMember and a ControlNode for each controller; nobody else removes those of one that has gone. Best effort:
 * the first request may still be on a connection to the API server of the controller that left, which then never answers.
 */
export async function forgetInWorkload(
  { run, workloads, clusterKey }: ControlPlaneScope,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  for (const kind of [EtcdMember, ControlNode]) {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(forgetLimitMs)]);
      try {
        const workload = await workloads.client(clusterKey, limit);
        await workload?.remove(kind, { name }, {}, limit);
        break;
      } catch (cause) {
        signal.throwIfAborted();
        const reason = messageOf(cause);
        run.log.info('k0s still knows a controller that has left', { kind: kind.kind, Machine: name, attempt, reason });
      }
    }
  }
}
