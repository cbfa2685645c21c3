import type { ControlPlaneMachine } from './control-plane.ts';

/** Oldest first; names decide between machines of one moment. */
export const byAge = (a: ControlPlaneMachine, b: ControlPlaneMachine): number =>
  a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name);

/** True when nothing is to be done about it. */
export const isCurrent = ({ change }: ControlPlaneMachine): boolean => change === 'nothing';

/**
 * The machine to give up: asked for by annotation, then not ready, then outdated, then in a domain that is gone or the
 * fullest, then the oldest (CP-25, CP-26). `all` are the machines that fill the domains.
 */
export function chooseVictim(
  candidates: readonly ControlPlaneMachine[],
  domains: readonly string[] = [],
  all: readonly ControlPlaneMachine[] = candidates,
): ControlPlaneMachine | undefined {
  const crowd = (machine: ControlPlaneMachine): number => {
    if (domains.length === 0) return 0;
    if (machine.failureDomain === undefined || !domains.includes(machine.failureDomain)) return Infinity;
    return all.filter(({ failureDomain }) => failureDomain === machine.failureDomain).length;
  };
  const rank = (machine: ControlPlaneMachine): readonly number[] => [
    machine.preferredVictim ? 0 : 1,
    machine.ready ? 1 : 0,
    isCurrent(machine) ? 1 : 0,
    -crowd(machine),
  ];
  return [...candidates].sort((a, b) => compareLists(rank(a), rank(b)) || byAge(a, b))[0];
}

/** The domain with the fewest up-to-date machines, then with the fewest in total (CP-25). */
export function chooseDomain(domains: readonly string[], machines: readonly ControlPlaneMachine[]): string | undefined {
  const rank = (domain: string): readonly number[] => {
    const there = machines.filter(({ failureDomain }) => failureDomain === domain);
    return [there.filter((machine) => isCurrent(machine) && !machine.deleting).length, there.length];
  };
  return [...domains].sort((a, b) => compareLists(rank(a), rank(b)) || a.localeCompare(b))[0];
}

/** Compares lists of numbers, the first that differs decides. */
export function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
