import { byAge } from './choose.ts';
import { holdsData, type ControlPlaneMachine, type Move, type ObservedControlPlane } from './control-plane.ts';
import { isVoter, memberOf, type EtcdMemberView, type EtcdView } from './etcd-view.ts';
import { gateRemoval, type RemovalIntent } from './gate.ts';

/** What to do about machines that are being deleted; `stuck` holds only end when the members change. */
export type Departure =
  | Extract<Move, { kind: 'leave' | 'release' }>
  | { readonly kind: 'hold'; readonly because: string; readonly stuck: boolean };

/**
 * The next step for deleting machines, one at a time, the oldest that may go first (CP-28). `kubectl delete machine`, scale-down, rollout and
 * remediation all come through here, so the gate is asked again at the moment when the member leaves. A released machine is
 * no concern any more: a host that cannot be cleaned must not keep a control plane from being repaired.
 */
export function planDeparture(observed: ObservedControlPlane): Departure | undefined {
  const leaving = observed.machines.filter(({ deleting, released }) => deleting && !released).sort(byAge);
  const steps = leaving.filter(({ awaitsHook }) => awaitsHook).map((machine) => stepOf(machine, observed));
  // One that must stay for now does not keep a younger one from leaving, which may be what it waits for.
  const next = steps.find((step) => step.kind !== 'hold') ?? steps[0];
  return next ?? (leaving[0] && wait(`${leaving[0].name} is being deleted`));
}

function stepOf(machine: ControlPlaneMachine, observed: ObservedControlPlane): Departure {
  const { etcd, machines } = observed;
  if (etcd === 'unmanaged' || !holdsData(observed)) return { kind: 'release', name: machine.name };
  return leaveEtcd(etcd, machine, machines);
}

function leaveEtcd(etcd: EtcdView, leaver: ControlPlaneMachine, all: readonly ControlPlaneMachine[]): Departure {
  if (etcd.unknown !== undefined) return wait(`${leaver.name} cannot leave: etcd cannot be seen: ${etcd.unknown}`);
  const member = memberOf(etcd, leaver);
  if (!member) return { kind: 'release', name: leaver.name };
  const verdict = gateRemoval(etcd, member.id, intentOf(member));
  if (!verdict.allowed)
    return { kind: 'hold', because: `${leaver.name} cannot leave: ${verdict.because}`, stuck: true };
  const heir = etcd.leader === member.id ? chooseHeir(etcd, member, all) : undefined;
  return {
    kind: 'leave',
    name: leaver.name,
    memberId: member.id,
    ...(heir ? { moveLeaderTo: heir.id } : {}),
  };
}

/** A member that does not work leaves as a failed one: waiting for its health would wait for ever (SR-4). */
const intentOf = (member: EtcdMemberView): RemovalIntent =>
  member.started && member.learner !== true && member.healthy === true ? 'voluntary' : 'failed';

/** The healthy voter that is furthest on and whose machine stays. */
function chooseHeir(
  etcd: EtcdView,
  leaving: EtcdMemberView,
  all: readonly ControlPlaneMachine[],
): EtcdMemberView | undefined {
  const going = new Set(all.filter(({ deleting }) => deleting).map(({ name }) => name));
  return etcd.members
    .filter((member) => member !== leaving && isVoter(member) && member.healthy === true)
    .sort(
      (a, b) =>
        Number(going.has(a.name)) - Number(going.has(b.name)) ||
        (b.raftIndex ?? 0) - (a.raftIndex ?? 0) ||
        a.id.localeCompare(b.id),
    )[0];
}

const wait = (because: string): Departure => ({ kind: 'hold', because, stuck: false });
