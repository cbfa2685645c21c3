import { existsSync, mkdirSync } from 'node:fs';

import { run } from './command.ts';
import type { HostChange, JournalEntry } from './journal.ts';
import { record } from './journal.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import { undo } from './undo.ts';

/** Takes one change back before its lab goes. */
export interface Reversible {
  undo(): Promise<void>;
}

/** Writes a change into the lab's journal, then makes it (ER-12). For changes without a function of their own here. */
async function change(lab: Lab, what: HostChange, make: () => unknown): Promise<Reversible> {
  const entry: JournalEntry = { id: record(lab.dir, what), change: what };
  await make();
  return { undo: () => undo(lab.dir, entry) };
}

/** Runs `mount` with these arguments; `target` is the mount point, which must exist. */
export function mount(lab: Lab, target: string, args: readonly string[]): Promise<Reversible> {
  return change(lab, { kind: 'mount', target }, () => run('mount', [...args, target]));
}

/** Runs `ip link add <name> …`. */
export function addLink(lab: Lab, name: string, args: readonly string[]): Promise<Reversible> {
  return change(lab, { kind: 'link', name }, () => run('ip', ['link', 'add', name, ...args]));
}

/** Puts a rule first in a chain of iptables. The rule must tell this lab from others, by its bridge or subnet. */
export function addFirewallRule(
  lab: Lab,
  {
    table = 'filter',
    chain,
    rule,
  }: { readonly table?: string; readonly chain: string; readonly rule: readonly string[] },
): Promise<Reversible> {
  return change(lab, { kind: 'firewall-rule', table, chain, rule }, () =>
    run('iptables', ['-w', '-t', table, '-I', chain, ...rule]),
  );
}

/**
 * Makes a folder outside the lab's own one; it goes with all in it.
 * @throws LabError when it exists, since it would then be somebody else's.
 */
export async function makeDirectory(lab: Lab, path: string): Promise<Reversible> {
  if (existsSync(path)) throw new LabError(`${path} exists already`);
  return change(lab, { kind: 'directory', path }, () => mkdirSync(path, { recursive: true }));
}
