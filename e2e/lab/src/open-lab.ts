import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Lab } from './lab.ts';
import { LabError, messageOf } from './lab-error.ts';
import { withLock } from './lock.ts';
import { checkoutDir, labsDir } from './paths.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identityOf, isAlive } from './process-identity.ts';
import { progress } from './progress.ts';
import { removeTree, undoAll } from './undo.ts';

/** How a lab is opened. */
export interface LabOptions {
  /** Letters, digits and dashes, at most 20; chosen by chance unless given. */
  readonly name?: string;
  /** A lab of nobody stays until it is closed by name; one of a process is swept after that process ends. */
  readonly owner?: 'process' | 'nobody';
}

interface LabFile {
  readonly name: string;
  readonly owner: ProcessIdentity | null;
}

/**
 * Makes a lab, after taking down those whose owner is gone (ER-12).
 * @throws LabError when one of this name lives.
 */
export async function openLab({
  name = `t-${randomBytes(3).toString('hex')}`,
  owner = 'process',
}: LabOptions = {}): Promise<Lab> {
  if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name)) {
    throw new LabError(`lab name "${name}": use 1 to 20 of a-z, 0-9 and dash`);
  }
  await sweep();
  const identity = owner === 'process' ? identityOf(process.pid) : null;
  if (identity === undefined) throw new LabError('cannot read /proc/self/stat: the lab needs Linux');
  const dir = join(labsDir(), name);
  await withLock(labsDir(), () => {
    if (existsSync(dir)) throw new LabError(`a lab named ${name} exists: choose another name or take it down first`);
    // Built aside and renamed, so that a lab's folder always says whose it is.
    const draft = join(labsDir(), `.new-${process.pid}-${randomBytes(3).toString('hex')}`);
    mkdirSync(join(draft, 'logs'), { recursive: true, mode: 0o700 });
    writeFileSync(join(draft, 'lab.json'), JSON.stringify({ name, owner: identity } satisfies LabFile));
    writeFileSync(join(draft, 'checkout'), `${checkoutDir()}\n`); // the entry script looks for it (ER-3)
    renameSync(draft, dir);
  });
  return labAt(name, dir);
}

/**
 * Takes up a lab that another process made.
 * @throws LabError when there is none of this name.
 */
export function attachLab(name: string): Lab {
  const dir = join(labsDir(), name);
  if (!existsSync(join(dir, 'lab.json'))) throw new LabError(`there is no lab named ${name}`);
  return labAt(name, dir);
}

/** One lab as it is listed. */
export interface LabInfo {
  readonly name: string;
  readonly dir: string;
  readonly owner: 'nobody' | 'alive' | 'gone';
}

/** The labs of this cache. */
export function listLabs(): LabInfo[] {
  if (!existsSync(labsDir())) return [];
  return readdirSync(labsDir())
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, dir: join(labsDir(), name), owner: ownerState(join(labsDir(), name)) }));
}

/** Takes down the labs whose owner is gone. Failures are told, not thrown: they must not stop the next lab. */
export async function sweep(): Promise<void> {
  await withLock(labsDir(), () => {
    if (!existsSync(labsDir())) return;
    // A draft is only ever seen under this lock when its maker died.
    const drafts = readdirSync(labsDir()).filter((name) => name.startsWith('.new-'));
    for (const draft of drafts) rmSync(join(labsDir(), draft), { recursive: true, force: true });
  });
  for (const { name, dir, owner } of listLabs()) {
    if (owner !== 'gone') continue;
    progress(`taking down lab ${name}: its owner is gone`);
    await takeDown(dir).catch((error: unknown) => progress(`lab ${name}: ${messageOf(error)}`));
  }
}

function labAt(name: string, dir: string): Lab {
  return { name, dir, close: () => takeDown(dir) };
}

async function takeDown(dir: string): Promise<void> {
  await withLock(`take down ${dir}`, async () => {
    if (!existsSync(dir)) return;
    keepLogs(dir);
    await undoAll(dir);
    await removeTree(dir);
  });
}

/** `K0SMOTRON_LAB_LOGS` names a folder where the logs of labs stay when they go. */
function keepLogs(dir: string): void {
  const keep = process.env['K0SMOTRON_LAB_LOGS'];
  if (!keep || !existsSync(join(dir, 'logs'))) return;
  cpSync(join(dir, 'logs'), join(keep, dir.split('/').at(-1) ?? 'lab'), { recursive: true });
}

function ownerState(dir: string): LabInfo['owner'] {
  try {
    const { owner } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as LabFile;
    if (owner === null) return 'nobody';
    return isAlive(owner) ? 'alive' : 'gone';
  } catch {
    return 'gone'; // half removed by a take-down that was killed
  }
}
