import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const prefix = 'k0smotron-lab-';
const top = '/sys/fs/cgroup';

/**
 * Removes cgroups of machines that were killed together with the process that would have done it (run-machine.sh).
 * They are named after their lab's bridge, so they are stale when that is gone.
 */
export function removeStaleCgroups(): void {
  for (const parent of parents()) {
    for (const name of foldersOf(parent)) {
      if (name.startsWith(prefix) && !existsSync(`/sys/class/net/${bridgeOf(name)}`)) removeEmpty(join(parent, name));
    }
  }
}

/** `k0smotron-lab-<bridge>-<index>-<pid>`, the middle of it being LAB_MACHINE. */
const bridgeOf = (cgroup: string): string => cgroup.slice(prefix.length).split('-')[0] ?? '';

/** Folders in which run-machine.sh may make cgroups: our own cgroup in each hierarchy, and the top of cgroup v2. */
function parents(): string[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  const folders = own.map((line) => {
    const [, controllers = '', ...path] = line.split(':');
    return join(top, controllers.replace('name=', '') || 'unified', path.join(':'));
  });
  return [...folders, top].filter((folder) => existsSync(folder));
}

/** Depth first; stops at the first one in use. */
function removeEmpty(folder: string): void {
  for (const name of foldersOf(folder)) removeEmpty(join(folder, name));
  try {
    rmdirSync(folder);
  } catch {
    // In use, or another lab was faster.
  }
}

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}
