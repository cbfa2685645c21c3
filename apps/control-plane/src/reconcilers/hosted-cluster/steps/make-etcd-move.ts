import { assertNever, done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, memberRemoved } from '@k0smotron/events';
import { etcdReplicas, planEtcd, type EtcdMove } from '@k0smotron/hosted';
import { EtcdRefusedError, type EtcdAdmin } from '@k0smotron/etcd';
import { gateAddition, gateRemoval } from '@k0smotron/rollout';
import type { Step } from '@k0smotron/runtime';
import { claimedMemberAnnotation, throughSite } from '../../../hosted/etcd-members.ts';
import { PersistentVolumeClaim, Pod } from '../../../hosted/kinds.ts';
import { etcdClusterIdAnnotation, hostedSelector } from '../../../hosted/names.ts';
import { peerUrlAgainMs, peerUrlOfJoiner } from '../../../hosted/peer-url.ts';
import { ordinalOf } from '../../../hosted/pods.ts';
import { fieldManager } from '../../../names.ts';
import { certificateOf, type HostedScope } from '../scope.ts';

/** Nobody tells of what etcd does inside: pods and claims wake us, this is for the rest. */
const holdingAgainMs = 5000;
const movedAgainMs = 1000;

/** Asks the plan for one move of etcd's members and makes it; everything that adds or removes one comes through here. */
export const makeEtcdMove: Step<HostedScope> = {
  name: 'make etcd move',

  async run(scope, signal) {
    const { found, plane } = scope;
    if (!found.etcd) return done;
    const gate = { removal: gateRemoval, addition: gateAddition };
    const move = planEtcd(found.etcd, etcdReplicas(plane.spec), gate);
    if (move.kind !== 'settled' && move.kind !== 'hold') scope.run.log.info('Moving etcd', { move: move.kind });
    return make(scope, move, signal);
  },
};

async function make(scope: HostedScope, move: EtcdMove, signal: AbortSignal): Promise<Outcome> {
  switch (move.kind) {
    case 'settled':
      return done;
    case 'hold':
      return holding(scope, move.because, holdingAgainMs);
    case 'record':
      return record(scope);
    case 'mark':
      for (const { ordinal, memberId } of move.claims) await markClaim(scope, ordinal, memberId, signal);
      return waitingOn('the marks on the claims');
    case 'discard':
      await discard(scope, move, signal);
      return waitingOn('the claim and the pod to go');
    case 'add':
      return add(scope, move.ordinal, signal);
    case 'promote':
      return promote(scope, move, signal);
    case 'remove':
      return remove(scope, move, signal);
    case 'roll':
      if (move.moveLeaderTo) await moveLeader(scope, move.moveLeaderTo, signal);
      scope.run.event(
        'Normal',
        'RollingEtcd',
        `Restarting member ${scope.names.etcdMember(move.ordinal)}: ${move.because}`,
      );
      await deletePod(scope, move.ordinal, signal);
      return waitingOn('the pod to come back');
    default:
      return assertNever(move);
  }
}

function holding({ found }: HostedScope, because: string, againMs: number): Outcome {
  found.etcdHold = because;
  return lookAgain(againMs, because);
}

/** From now on a member without data is a loss, never a beginning (SR-1, SR-10). */
async function record({ run, found }: HostedScope): Promise<Outcome> {
  const clusterId = found.etcd?.view.clusterId;
  if (clusterId === undefined) return lookAgain(holdingAgainMs, 'the id of the etcd cluster');
  await run.annotate({ [etcdClusterIdAnnotation]: clusterId });
  run.event('Normal', 'EtcdStarted', 'All members of etcd are healthy');
  return waitingOn('the id of etcd to be seen in the cache');
}

async function markClaim(scope: HostedScope, ordinal: number, memberId: string, signal: AbortSignal): Promise<void> {
  const { site, names, clusterKey } = scope;
  const key = { namespace: clusterKey.namespace, name: names.etcdClaim(ordinal) };
  const body = { metadata: { annotations: { [claimedMemberAnnotation]: memberId } } };
  const patch = { type: 'merge', body } as const;
  site.expectWritten(await site.kube.patch(PersistentVolumeClaim, key, patch, { fieldManager }, signal));
}

async function discard(
  scope: HostedScope,
  { ordinal, because }: { readonly ordinal: number; readonly because: string },
  signal: AbortSignal,
): Promise<void> {
  const { run, site, names, clusterKey } = scope;
  const key = { namespace: clusterKey.namespace, name: names.etcdClaim(ordinal) };
  const claim = site.caches.of(PersistentVolumeClaim, hostedSelector).get(key);
  run.event('Warning', 'DiscardingClaim', `Deleting claim ${key.name}: ${because}`);
  // Never a claim that was made after the plan had looked.
  if (claim) await site.kube.remove(PersistentVolumeClaim, key, { uid: claim.metadata.uid }, signal);
  await deletePod(scope, ordinal, signal);
}

async function deletePod({ site, etcdPods }: HostedScope, ordinal: number, signal: AbortSignal): Promise<void> {
  const pod = etcdPods.find((it) => ordinalOf(it) === ordinal);
  if (!pod) return;
  const { namespace, name, uid } = pod.metadata;
  await site.kube.remove(Pod, { namespace, name }, { uid }, signal);
}

async function add(scope: HostedScope, ordinal: number, signal: AbortSignal): Promise<Outcome> {
  const url = peerUrlOfJoiner(scope, ordinal);
  if (url === undefined) return holding(scope, 'a new member of etcd waits for its Service', peerUrlAgainMs);
  try {
    await withMember(scope, undefined, (admin) => admin.addMember({ peerUrls: [url], learner: true }, signal), signal);
  } catch (cause) {
    // For five seconds after a member has come etcd takes no other.
    if (!(cause instanceof EtcdRefusedError)) throw cause;
    return holding(scope, `etcd takes no member now: ${cause.message}`, movedAgainMs);
  }
  await deletePod(scope, ordinal, signal);
  return lookAgain(0, 'the new member to be told to the pods');
}

async function promote(
  scope: HostedScope,
  { memberId, name }: { readonly memberId: string; readonly name: string },
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    await withMember(scope, undefined, (admin) => admin.promote(memberId, signal), signal);
  } catch (cause) {
    if (!(cause instanceof EtcdRefusedError)) throw cause;
    return holding(scope, `member ${name} is still catching up`, movedAgainMs);
  }
  scope.run.event('Normal', 'EtcdMemberJoined', `Member ${name} votes`);
  return lookAgain(movedAgainMs, 'the new voter to be seen');
}

async function remove(
  scope: HostedScope,
  move: Extract<EtcdMove, { kind: 'remove' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { run, audit, names, cluster, found } = scope;
  const { memberId, ordinal, because, moveLeaderTo } = move;
  if (found.etcd?.pods.some((pod) => pod.ordinal === ordinal && pod.claim)) {
    await markClaim(scope, ordinal, memberId, signal);
  }
  if (moveLeaderTo) await moveLeader(scope, moveLeaderTo, signal);
  const fact = memberRemoved(factObject(cluster), { member: memberId }, run.clock.now());
  const effect = () => withMember(scope, memberId, (admin) => admin.removeMember(memberId, signal), signal);
  await audit.around(run.kube, { fact, run: effect }, signal);
  run.event('Normal', 'EtcdMemberRemoved', `Member ${names.etcdMember(ordinal)} left: ${because}`);
  return lookAgain(movedAgainMs, 'the remaining members to be seen');
}

async function moveLeader(scope: HostedScope, to: string, signal: AbortSignal): Promise<void> {
  const { members = [], leader } = scope.found.etcd?.view ?? {};
  const leading = members.find(({ id }) => id === leader);
  const admin = await dial(scope, leading?.name ?? '', signal);
  try {
    await admin.moveLeader(to, signal);
  } finally {
    admin.close();
  }
}

/** Asks a healthy voter other than `except`. */
async function withMember<T>(
  scope: HostedScope,
  except: string | undefined,
  ask: (admin: EtcdAdmin) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const members = scope.found.etcd?.view.members ?? [];
  const voter = members.find(({ id, learner, healthy }) => id !== except && !learner && healthy === true);
  const admin = await dial(scope, voter?.name ?? '', signal);
  try {
    return await ask(admin);
  } finally {
    admin.close();
  }
}

function dial(scope: HostedScope, member: string, signal: AbortSignal): Promise<EtcdAdmin> {
  const { etcdPods, names } = scope;
  const pod = etcdPods.find(({ metadata }) => metadata.name === member);
  const host = pod?.status?.podIP;
  if (!pod || !host)
    return Promise.reject(new Error(`etcd member ${member || '(none healthy)'} has no pod to be asked`));
  const serverName = names.etcdHost(ordinalOf(pod));
  const { certPem: caPem } = certificateOf(scope, 'etcd');
  const through = throughSite(scope.site)?.(pod);
  const client = certificateOf(scope, 'apiserver-etcd-client');
  return scope.dialEtcd({ host, serverName, caPem, client, ...(through && { through }) }, signal);
}
