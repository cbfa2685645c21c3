import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { releaseClaim } from './claims.ts';
import { run } from './command.ts';
import type { HostChange, JournalEntry } from './journal.ts';
import { recordUndone, standingChanges } from './journal.ts';
import { killProcesses } from './kill.ts';
import { LabError, messageOf } from './lab-error.ts';
import { removeLabelled } from './machines/containers/engine.ts';
import { releaseSysctl } from './sysctl.ts';

/**
 * Takes back every change of a lab and tolerates what is already gone (ER-12): first all processes are killed at
 * once, since they hold the rest, then everything else, newest first. One failure does not stop the others.
 * @throws LabError that lists what could not be taken back.
 */
export async function undoAll(labDir: string): Promise<void> {
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => problems.push(`${what}: ${messageOf(error)}`));
  };

  const processes = standingChanges(labDir).filter(({ change }) => change.kind === 'process');
  await attempt('processes', async () => {
    await killProcesses(processes, 'SIGKILL');
    for (const { id } of processes) recordUndone(labDir, id);
  });
  for (const entry of standingChanges(labDir).reverse()) {
    await attempt(describe(entry.change), () => undo(labDir, entry));
  }
  if (problems.length > 0) throw new LabError(`could not take back ${problems.join('; ')}`);
}

/** Takes back one change and writes that down. */
export async function undo(labDir: string, entry: JournalEntry): Promise<void> {
  await revert(labDir, entry);
  recordUndone(labDir, entry.id);
}

async function revert(labDir: string, entry: JournalEntry): Promise<void> {
  const { change } = entry;
  switch (change.kind) {
    case 'process':
      return killProcesses([entry], 'SIGKILL');
    case 'mount':
      return unmount(change.target);
    case 'link':
      if (existsSync(`/sys/class/net/${change.name}`)) await run('ip', ['link', 'delete', change.name]);
      return;
    case 'firewall-rule':
      return removeRule(change.table, change.chain, change.rule);
    case 'sysctl':
      return releaseSysctl(labDir, change.key);
    case 'directory':
      return removeTree(change.path);
    case 'containers':
      await killProcesses([entry], 'SIGKILL'); // commands that a killed owner left under way
      return removeLabelled(change.host, change.label);
    case 'claim':
      return releaseClaim(labDir, change.name);
  }
}

/** Short name of a change, for messages and `status`. */
function describe(change: HostChange): string {
  switch (change.kind) {
    case 'process':
    case 'link':
    case 'claim':
      return `${change.kind} ${change.name}`;
    case 'mount':
      return `mount ${change.target}`;
    case 'firewall-rule':
      return `rule ${change.table}/${change.chain} ${change.rule.join(' ')}`;
    case 'sysctl':
      return `sysctl ${change.key}`;
    case 'directory':
      return `directory ${change.path}`;
    case 'containers':
      return `containers with ${change.label} on ${change.host}`;
  }
}

/** Mount points at or under a folder, deepest first. */
function mountsUnder(path: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const target = line.split(' ')[4]?.replaceAll('\\040', ' ');
      return target !== undefined && (target === path || target.startsWith(`${path}/`)) ? [target] : [];
    })
    .reverse();
}

async function unmount(target: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const mounts = mountsUnder(target);
    if (mounts.length === 0) return;
    for (const mount of mounts) await run('umount', [mount]).catch(() => undefined);
    if (mountsUnder(target).length > 0) await delay(100); // a dying process may still hold it
  }
  // Lazy, so that nothing stays visible; the kernel drops it with its last user.
  for (const mount of mountsUnder(target)) await run('umount', ['--lazy', mount]);
}

async function removeRule(table: string, chain: string, rule: readonly string[]): Promise<void> {
  const present = await run('iptables', ['-w', '-t', table, '-C', chain, ...rule]).then(
    () => true,
    () => false,
  );
  if (present) await run('iptables', ['-w', '-t', table, '-D', chain, ...rule]);
}

/**
 * Removes a folder with all in it, never through a mount.
 * @throws LabError when something is still mounted there.
 */
export async function removeTree(path: string): Promise<void> {
  await unmount(path);
  const left = mountsUnder(path);
  if (left.length > 0) throw new LabError(`${left.join(', ')} is still mounted`);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
