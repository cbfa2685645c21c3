import { readdirSync, readFileSync } from 'node:fs';

/** One process for ever: a pid alone is used again by the kernel, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  readonly startTime: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly startTime: string;
}

/** Identity of a process that runs now; undefined when there is none with this pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether exactly this process still runs. A zombie does not: nobody but its parent can take it away. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = statOf(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && !isDead(stat);
}

/** One look at the process table. */
export interface RunningProcess extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
}

/** All live processes that this process may see. */
export function runningProcesses(): RunningProcess[] {
  return allPids().flatMap((pid) => {
    const stat = statOf(pid);
    if (!stat || isDead(stat)) return [];
    return [{ pid, startTime: stat.startTime, parent: stat.parent, group: stat.group }];
  });
}

/** Value of a variable in the environment that a process was started with. */
export function environmentOf(pid: number, name: string): string | undefined {
  try {
    const all = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return all.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined; // gone, or of another user
  }
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

const isDead = (stat: Stat): boolean => stat.state === 'Z' || stat.state === 'X';

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command name may hold spaces and parentheses, so fields are counted from its last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (state === undefined || parent === undefined || group === undefined || startTime === undefined) return undefined;
  return { state, parent: Number(parent), group: Number(group), startTime };
}
