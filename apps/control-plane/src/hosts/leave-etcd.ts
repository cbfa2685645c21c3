import { ControlNode, EtcdMember } from '@k0smotron/api';
import { rfc3339 } from '@k0smotron/core';
import type { EtcdAdmin } from '@k0smotron/etcd';
import { issue, type CertificatePair } from '@k0smotron/pki';
import type { Move } from '@k0smotron/rollout';
import { readCertificates } from '../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { openEtcd } from './observe-controllers.ts';

type Leave = Extract<Move, { kind: 'leave' }>;

/**
 * Takes the member of a controller out of etcd through the etcd of another one, leadership first, so that it works for a
 * dead controller too (SR-4). Then removes what k0s keeps about it in the workload cluster.
 *
 * @throws Error when no other controller's etcd answers.
 */
export async function leaveEtcd(scope: ControlPlaneScope, move: Leave, signal: AbortSignal): Promise<void> {
  const { run, clusterKey } = scope;
  const { etcd } = await readCertificates(run.kube, clusterKey, signal);
  if (!etcd) throw new Error(`Secret ${clusterKey.name}-etcd is not there: without it nobody can talk to etcd`);
  const client = await issue(etcd, { commonName: 'k0smotron-control-plane', usages: ['client'], days: 1, now: run.clock.now() });
  const { moveLeaderTo: heir } = move;
  if (heir) {
    // Only the leader itself can hand over.
    await onEtcd(scope, { names: [move.name], caPem: etcd.certPem, client }, (admin) => admin.moveLeader(heir, signal), signal);
  }
  const others = healthyNames(scope).filter((name) => name !== move.name);
  await onEtcd(scope, { names: others, caPem: etcd.certPem, client }, (admin) => admin.removeMember(move.memberId, signal), signal);
  run.event('Normal', 'EtcdMemberRemoved', `${move.name} has left etcd at ${rfc3339(run.clock.now())}`);
  await forgetInWorkload(scope, move.name, signal);
}

interface Where {
  /** Controllers whose etcd will do, the first that is reached over SSH is taken. */
  readonly names: readonly string[];
  readonly caPem: string;
  readonly client: CertificatePair;
}

const healthyNames = ({ found }: ControlPlaneScope): readonly string[] =>
  (found.seen?.etcd.members ?? []).filter(({ healthy }) => healthy === true).map(({ name }) => name);

async function onEtcd(
  { run, hosts, controllers }: ControlPlaneScope,
  { names, caPem, client }: Where,
  act: (admin: EtcdAdmin) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const chosen = controllers.find(({ name, remote }) => remote !== undefined && names.includes(name));
  if (!chosen?.remote) throw new Error('no other etcd member answers over SSH');
  const admin = await openEtcd(await hosts.session(run.kube, chosen.remote, signal), caPem, client);
  try {
    await act(admin);
  } finally {
    admin.close();
  }
}

/** k0s keeps an EtcdMember and a ControlNode for each controller; nobody else removes those of one that has gone. */
async function forgetInWorkload({ run, workloads, clusterKey }: ControlPlaneScope, name: string, signal: AbortSignal): Promise<void> {
  try {
    const workload = await workloads.client(clusterKey, signal);
    await workload?.remove(EtcdMember, { name }, {}, signal);
    await workload?.remove(ControlNode, { name }, {}, signal);
  } catch (cause) {
    run.log.info('Leaving what k0s knows of the controller in the workload cluster', { reason: String(cause) });
  }
}
