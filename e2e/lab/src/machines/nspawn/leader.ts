import { readFileSync } from 'node:fs';

import { runningProcesses } from '../../process-identity.ts';
import type { ProcessIdentity, RunningProcess } from '../../process-identity.ts';

/**
 * The machine's PID 1 as the host sees it: below run-machine.sh (`root`), unshare, the inner shell and nspawn.
 * Undefined while there is none, as in the middle of a reboot.
 */
export function findLeader(root: number): ProcessIdentity | undefined {
  const table = runningProcesses();
  const childrenOf = (parents: readonly RunningProcess[]): RunningProcess[] =>
    table.filter(({ parent }) => parents.some(({ pid }) => pid === parent));
  let generation = table.filter(({ pid }) => pid === root);
  while (generation.length > 0) {
    const leader = generation.find(({ pid }) => isMachineInit(pid));
    if (leader) return { pid: leader.pid, startTime: leader.startTime };
    generation = childrenOf(generation);
  }
  return undefined;
}

/** PID 1 two pid namespaces below the host's: run-machine.sh makes the first, nspawn the second. */
function isMachineInit(pid: number): boolean {
  try {
    const line = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split('\t') ?? [];
    const own = /^NSpid:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]?.split('\t') ?? [];
    return line.length === own.length + 2 && line.at(-1) === '1';
  } catch {
    return false; // gone
  }
}
