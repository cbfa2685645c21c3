/** The parts of a Plan that tell how far it is; fits the Plan of `@k0smotron/api`. */
export interface PlanView {
  readonly metadata: { readonly creationTimestamp?: string };
  readonly spec: { readonly id: string };
  readonly status?: { readonly state?: string; readonly commands?: readonly PlanCommandView[] };
}

/** Where one command of a Plan stands. */
export interface PlanCommandView {
  readonly state?: string;
  readonly description?: string;
  readonly k0supdate?: Readonly<Partial<Record<'controllers' | 'workers', readonly PlanTargetView[]>>>;
}

/** Where one node of a Plan stands. */
export interface PlanTargetView {
  readonly name: string;
  readonly state?: string;
  /** From k0s 1.36 on: what went wrong. */
  readonly description?: string;
}

/** How far a Plan is. Texts end up in conditions: they stay the same while nothing changes (C-03). */
export type PlanProgress =
  { readonly kind: 'running' } | { readonly kind: 'completed' } | { readonly kind: 'failed'; readonly because: string };

/** States from which Autopilot goes on by itself; it has not looked at the Plan yet when there is none. */
const goesOn: readonly (string | undefined)[] = [undefined, '', 'NewPlan', 'Schedulable', 'SchedulableWait'];

/** Reads a Plan's status (recorded from k0s v1.34.4 in ADR 0021). Autopilot never leaves a failed state by itself. */
export function planProgress({ status }: PlanView): PlanProgress {
  const state = status?.state;
  if (goesOn.includes(state)) return { kind: 'running' };
  if (state === 'Completed') return { kind: 'completed' };
  const commands = status?.commands ?? [];
  const reasons = commands.flatMap((command) => [
    ...(command.description ? [command.description] : []),
    ...targetsOf(command).flatMap(problemOf),
  ]);
  const because = reasons.length > 0 ? reasons.join('; ') : (meanings[state ?? ''] ?? 'k0s gives no reason');
  return { kind: 'failed', because: `${state}: ${because}` };
}

const targetsOf = ({ k0supdate }: PlanCommandView): readonly PlanTargetView[] => [
  ...(k0supdate?.controllers ?? []),
  ...(k0supdate?.workers ?? []),
];

function problemOf({ name, state, description }: PlanTargetView): string[] {
  if (description) return [`${name}: ${description}`];
  const meaning = targetMeanings[state ?? ''];
  return meaning ? [`${name} ${meaning}`] : [];
}

const targetMeanings: Readonly<Record<string, string>> = {
  SignalApplyFailed:
    'could not download or install the program: check that it reaches the URL and that the checksum is right',
  SignalMissingNode: 'is not known to Autopilot: k0s has to run there, and as AUTOPILOT_HOSTNAME of this name',
  SignalMissingPlatform: 'has an operating system or architecture for which there is no download',
};

const meanings: Readonly<Record<string, string>> = {
  Warning: 'objects of the cluster use an API that the version does not serve any more',
  Restricted: 'k0s was told not to update such nodes',
};
