import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { ProcessIdentity } from './process-identity.ts';

/** One change of the host, in the words that are needed to take it back. */
export type HostChange =
  /** A process; its environment carries the entry's id, so it is found even if its pid was never written. */
  | { readonly kind: 'process'; readonly name: string; readonly command: string }
  | { readonly kind: 'mount'; readonly target: string }
  | { readonly kind: 'link'; readonly name: string }
  /** `rule` is what stands behind `iptables -t <table> -A <chain>`. */
  | { readonly kind: 'firewall-rule'; readonly table: string; readonly chain: string; readonly rule: readonly string[] }
  /** The old value is in the host's own record, where labs that share the setting are counted. */
  | { readonly kind: 'sysctl'; readonly key: string }
  /** A folder outside the lab's own one. */
  | { readonly kind: 'directory'; readonly path: string }
  /** Containers and networks with a label (`key=value`) on a Docker daemon; `host` is its address as in DOCKER_HOST. */
  | { readonly kind: 'containers'; readonly host: string; readonly label: string }
  /** A port or subnet that is claimed on this host. */
  | { readonly kind: 'claim'; readonly name: string };

/** A recorded change. */
export interface JournalEntry {
  readonly id: string;
  readonly change: HostChange;
  /** Known once a process runs. */
  readonly identity?: ProcessIdentity;
}

type Line =
  | { readonly did: JournalEntry }
  | { readonly started: string; readonly identity: ProcessIdentity }
  | { readonly undid: string };

/**
 * Writes a change into the journal of a lab, before it is made (ER-12), and returns the entry's id.
 * It is on the disk when this returns.
 */
export function record(labDir: string, change: HostChange): string {
  const id = randomBytes(6).toString('hex');
  append(labDir, { did: { id, change } });
  return id;
}

/** Adds who the process of an entry is. */
export function recordStarted(labDir: string, id: string, identity: ProcessIdentity): void {
  append(labDir, { started: id, identity });
}

/** Says that a change was taken back. */
export function recordUndone(labDir: string, id: string): void {
  append(labDir, { undid: id });
}

/** Changes that still stand, oldest first. */
export function standingChanges(labDir: string): JournalEntry[] {
  const standing = new Map<string, JournalEntry>();
  for (const line of readLines(labDir)) {
    if ('did' in line) standing.set(line.did.id, line.did);
    else if ('undid' in line) standing.delete(line.undid);
    else {
      const entry = standing.get(line.started);
      if (entry) standing.set(line.started, { ...entry, identity: line.identity });
    }
  }
  return [...standing.values()];
}

const journalPath = (labDir: string): string => join(labDir, 'journal.jsonl');

function append(labDir: string, line: Line): void {
  // 'a' makes each write atomic among the processes that work on one lab.
  const file = openSync(journalPath(labDir), 'a', 0o600);
  try {
    writeSync(file, `${JSON.stringify(line)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readLines(labDir: string): Line[] {
  if (!existsSync(journalPath(labDir))) return [];
  const lines = readFileSync(journalPath(labDir), 'utf8').split('\n');
  return lines.flatMap((text) => {
    try {
      return text === '' ? [] : [JSON.parse(text) as Line];
    } catch {
      return []; // the writer died within this line, so the change was never made
    }
  });
}
