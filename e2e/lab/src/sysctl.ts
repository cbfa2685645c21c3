import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { record } from './journal.ts';
import type { Lab } from './lab.ts';
import { withLock } from './lock.ts';
import { hostStateDir } from './paths.ts';

interface SavedSysctl {
  readonly old: string;
  /** Folders of the labs that want it changed. */
  readonly labs: readonly string[];
}

type SavedSysctls = Readonly<Record<string, SavedSysctl>>;

/**
 * Changes a kernel setting for a lab. Labs are counted: the first saves the old value, the last restores it (ER-12).
 * `key` is written with dots, as sysctl does.
 */
export async function setSysctl(lab: Lab, key: string, value: string): Promise<void> {
  record(lab.dir, { kind: 'sysctl', key });
  await withLock('sysctl', () => {
    const saved = readSaved();
    const entry = saved[key] ?? { old: readSysctl(key), labs: [] };
    const labs = entry.labs.filter((dir) => dir !== lab.dir && existsSync(dir));
    // Saved before the change is made: killed in between, restoring changes nothing.
    writeSaved({ ...saved, [key]: { old: entry.old, labs: [...labs, lab.dir] } });
    writeFileSync(pathOf(key), value);
  });
}

/** Restores the old value when no other lab wants the setting. */
export async function releaseSysctl(labDir: string, key: string): Promise<void> {
  await withLock('sysctl', () => {
    const saved = readSaved();
    const entry = saved[key];
    if (!entry?.labs.includes(labDir)) return;
    const labs = entry.labs.filter((dir) => dir !== labDir && existsSync(dir));
    if (labs.length === 0) writeFileSync(pathOf(key), entry.old);
    const rest = Object.fromEntries(Object.entries(saved).filter(([name]) => name !== key));
    writeSaved(labs.length === 0 ? rest : { ...rest, [key]: { old: entry.old, labs } });
  });
}

/** Present value of a kernel setting. */
export function readSysctl(key: string): string {
  return readFileSync(pathOf(key), 'utf8').trim();
}

const pathOf = (key: string): string => join('/proc/sys', ...key.split('.'));

const savedPath = (): string => join(hostStateDir(), 'sysctls.json');

function readSaved(): SavedSysctls {
  if (!existsSync(savedPath())) return {};
  return JSON.parse(readFileSync(savedPath(), 'utf8')) as SavedSysctls;
}

function writeSaved(saved: SavedSysctls): void {
  mkdirSync(hostStateDir(), { recursive: true });
  writeFileSync(`${savedPath()}.new`, JSON.stringify(saved));
  renameSync(`${savedPath()}.new`, savedPath());
}
