import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { JournalEntry } from './journal.ts';
import { standingChanges } from './journal.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import { kubeletClusterKubeconfig } from './management/kubelet-cluster.ts';
import { isAlive } from './process-identity.ts';

/** One process of a lab. */
export interface PartStatus {
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
}

/** The processes of a lab, in the order in which they were started. */
export function partsOf(lab: Lab): PartStatus[] {
  return standingChanges(lab.dir).flatMap(({ change, identity }) =>
    change.kind === 'process'
      ? [{ name: change.name, pid: identity?.pid, running: identity !== undefined && isAlive(identity) }]
      : [],
  );
}

/** What a lab has changed on this host, in one line. */
export function summaryOfChanges(lab: Lab): string {
  const counts = new Map<JournalEntry['change']['kind'], number>();
  for (const { change } of standingChanges(lab.dir)) counts.set(change.kind, (counts.get(change.kind) ?? 0) + 1);
  const names: Readonly<Record<JournalEntry['change']['kind'], string>> = {
    process: 'processes',
    mount: 'mounts',
    link: 'network links',
    'firewall-rule': 'firewall rules',
    sysctl: 'kernel settings',
    directory: 'folders',
    containers: 'sets of containers',
    claim: 'claimed ports and subnets',
  };
  return [...counts].map(([kind, count]) => `${names[kind]}: ${count}`).join(', ');
}

/**
 * Kubeconfig of a lab's control plane.
 * @throws LabError when it has none.
 */
export function kubeconfigOf(lab: Lab): string {
  const path = [join(lab.dir, 'control-plane', 'admin.kubeconfig'), kubeletClusterKubeconfig(lab)].find(existsSync);
  if (!path) throw new LabError(`lab ${lab.name} has no control plane: npm run lab -- up --name ${lab.name}`);
  return path;
}
