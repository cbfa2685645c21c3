import { conditionTypes, type Machine } from '@k0smotron/api';
import type { Condition } from '@k0smotron/core';
import { changeFor, type Differences } from '@k0smotron/rollout';
import type { ConditionInput } from '@k0smotron/runtime';
import type { Controller } from './controller.ts';
import { describeDifferences } from './up-to-date.ts';

/** At most so many machines are named, so that a message stays one to be read. */
const namedAtMost = 3;

/** What is said of several machines as one message: in a fixed order (C-03), the first few. */
export function inOneMessage(words: readonly string[]): string {
  const rest = words.length > namedAtMost ? [`and ${words.length - namedAtMost} more`] : [];
  return [...[...words].sort().slice(0, namedAtMost), ...rest].join('; ');
}

/** What is said of one machine, and the words for it where it is not True. */
interface Verdict {
  readonly status: Condition['status'];
  readonly words: string;
}

/** The type of a condition, and its reasons by status. */
interface Words extends Readonly<Record<Condition['status'], string>> {
  readonly type: string;
}

/**
 * `MachinesReady`: what core says of the Machines of the controllers, those that go included (§5.5). Core looks at a Cluster
 * again when its control plane changes and not when a Machine does (seen in 1.13 and 1.14), so without this condition the
 * Cluster's own `ControlPlaneMachinesReady` would stay as it was until the next resync. Why a Machine is not ready stands
 * there: each of those words repeated here would be a write.
 */
export const machinesReady = (controllers: readonly Pick<Controller, 'name' | 'machine'>[]): ConditionInput =>
  aggregate(
    { type: conditionTypes.machinesReady, True: 'Ready', False: 'NotReady', Unknown: 'ReadyUnknown' },
    controllers.map(({ name, machine }) => ({ status: readyOf(machine), words: `Machine ${name}` })),
  );

/** `MachinesUpToDate`: which controllers differ from the spec, and in what (§5.5). */
export const machinesUpToDate = (
  controllers: readonly { readonly name: string; readonly differences: Differences }[],
): ConditionInput =>
  aggregate(
    { type: conditionTypes.machinesUpToDate, True: 'UpToDate', False: 'NotUpToDate', Unknown: 'UpToDateUnknown' },
    controllers.map(({ name, differences }) => ({
      status: changeFor(differences) === 'nothing' ? 'True' : 'False',
      words: `Machine ${name}: ${describeDifferences(differences)}`,
    })),
  );

const readyOf = ({ status }: Machine): Condition['status'] =>
  status?.conditions?.find(({ type }) => type === conditionTypes.ready)?.status ?? 'Unknown';

/** The worst verdict counts, False before Unknown. */
function aggregate({ type, ...reasons }: Words, verdicts: readonly Verdict[]): ConditionInput {
  if (verdicts.length === 0) return { type, status: 'True', reason: 'NoReplicas', message: '' };
  const bad = verdicts.filter(({ status }) => status !== 'True');
  const status = bad.length === 0 ? 'True' : bad.some((it) => it.status === 'False') ? 'False' : 'Unknown';
  return { type, status, reason: reasons[status], message: inOneMessage(bad.map(({ words }) => words)) };
}
