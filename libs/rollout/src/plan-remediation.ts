import { byAge, compareLists } from './choose.ts';
import {
  holdsData,
  type ControlPlaneMachine,
  type DesiredControlPlane,
  type ObservedControlPlane,
} from './control-plane.ts';
import { memberOf } from './etcd-view.ts';
import { gateRemoval } from './gate.ts';
import { budgetFor, type RemediationRecord } from './remediation.ts';

/** What is done about one failed machine. */
export type Remediation =
  | { readonly kind: 'replace'; readonly name: string; readonly because: string; readonly record: RemediationRecord }
  /** Later, by itself. */
  | { readonly kind: 'deferred'; readonly name: string; readonly because: string }
  /** Not without somebody's help. */
  | { readonly kind: 'impossible'; readonly name: string; readonly because: string };

/**
 * What is done about each failed machine, the most broken first; at most one is replaced at a time. The gate allows what keeps quorum,
 * so that a dead controller never stays because it is dead (SR-4), and two dead ones of five go one after the other.
 */
export function planRemediation(observed: ObservedControlPlane, desired: DesiredControlPlane): readonly Remediation[] {
  const failed = observed.machines.filter((machine) => machine.failed && !machine.deleting);
  const ordered = failed
    .map((machine) => ({ machine, rank: brokenness(machine, observed) }))
    .sort((a, b) => compareLists(a.rank, b.rank) || byAge(a.machine, b.machine));
  let first: string | undefined;
  return ordered.map(({ machine }) => {
    const verdict = remediationOf(machine, observed, desired);
    if (verdict.kind !== 'replace') return verdict;
    if (first) return { kind: 'deferred', name: machine.name, because: `${first} goes first` };
    first = machine.name;
    return verdict;
  });
}

/** Smaller is worse: no member at all, a sick one, an API server that does not answer. */
const brokenness = (machine: ControlPlaneMachine, { etcd }: ObservedControlPlane): readonly number[] => {
  const member = etcd === 'unmanaged' ? undefined : memberOf(etcd, machine);
  return [etcd === 'unmanaged' || member ? 1 : 0, member?.healthy === false ? 0 : 1, machine.ready ? 1 : 0];
};

function remediationOf(
  machine: ControlPlaneMachine,
  observed: ObservedControlPlane,
  desired: DesiredControlPlane,
): Remediation {
  const { name } = machine;
  const budget = budgetFor(name, machine.replaces, desired.remediation ?? {}, observed.nowMs);
  if (budget.kind !== 'try')
    return { kind: budget.kind === 'later' ? 'deferred' : 'impossible', name, because: budget.because };
  const { record } = budget;
  if (!holdsData(observed)) return { kind: 'replace', name, because: 'it failed before the first start', record };
  const others = observed.machines.filter((other) => other !== machine && !other.released);
  if (others.length === 0) {
    const because = 'it is the only controller, and all data is on it: write 3 replicas, or restore a snapshot';
    return { kind: 'impossible', name, because };
  }
  const { etcd } = observed;
  const verdict =
    etcd === 'unmanaged'
      ? { allowed: true as const }
      : gateRemoval(etcd, memberOf(etcd, machine)?.id ?? name, 'failed');
  if (!verdict.allowed) return { kind: 'deferred', name, because: verdict.because };
  if (!others.some(({ ready }) => ready)) return { kind: 'deferred', name, because: 'no other controller is ready' };
  return { kind: 'replace', name, because: 'it has failed', record };
}
