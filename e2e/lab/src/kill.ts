import { setTimeout as delay } from 'node:timers/promises';

import type { JournalEntry } from './journal.ts';
import { LabError } from './lab-error.ts';
import type { ProcessIdentity, RunningProcess } from './process-identity.ts';
import { environmentOf, isAlive, runningProcesses } from './process-identity.ts';

/** Environment variable that holds the journal id of a lab's process; all that the process starts inherits it. */
export const processMarker = 'K0SMOTRON_LAB_PROCESS';

const forceAfterMs = 3_000;
const giveUpAfterMs = 15_000;

/**
 * Ends journalled processes with everything that they started. With SIGKILL all go at once; any other signal is sent to
 * each entry's own process, and what is left after three seconds is killed. Resolves when none of them runs.
 * @throws LabError with the pids that do not end.
 */
export async function killProcesses(entries: readonly JournalEntry[], signal: NodeJS.Signals): Promise<void> {
  const found = new Map<string, ProcessIdentity>();
  const asked = new Set<string>();
  const started = Date.now();
  for (;;) {
    const table = runningProcesses();
    for (const entry of entries) {
      const family = familyOf(entry, table);
      for (const member of family) found.set(keyOf(member), member);
      const [root] = family;
      if (root && signal !== 'SIGKILL' && !asked.has(keyOf(root))) {
        asked.add(keyOf(root));
        send(root.pid, signal);
      }
    }
    const left = [...found.values()].filter(isAlive);
    if (left.length === 0) return;
    const waitedMs = Date.now() - started;
    if (waitedMs > giveUpAfterMs) throw new LabError(`pids ${left.map(({ pid }) => pid).join(', ')} do not end`);
    // Children first: the death of a namespace's first process takes everything in it along.
    if (signal === 'SIGKILL' || waitedMs > forceAfterMs) for (const { pid } of left.reverse()) send(pid, 'SIGKILL');
    await delay(20);
  }
}

const keyOf = ({ pid, startTime }: ProcessIdentity): string => `${pid} ${startTime}`;

/** The entry's process first, then its group, its descendants and whatever carries its mark. */
function familyOf(entry: JournalEntry, table: readonly RunningProcess[]): RunningProcess[] {
  const { identity } = entry;
  const root = identity && table.find((one) => one.pid === identity.pid && one.startTime === identity.startTime);
  const family = new Set<RunningProcess>(root ? [root] : []);
  if (root) {
    for (const one of table) if (one.group === root.pid) family.add(one);
  }
  for (const one of table) if (environmentOf(one.pid, processMarker) === entry.id) family.add(one);
  for (let before = -1; before !== family.size;) {
    before = family.size;
    const pids = new Set([...family].map(({ pid }) => pid));
    for (const one of table) if (pids.has(one.parent)) family.add(one);
  }
  return [...family].filter(({ pid }) => pid !== process.pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
