import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { lastLines } from './command.ts';
import { record, recordStarted, recordUndone } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { killProcesses, processMarker } from './kill.ts';
import type { Lab } from './lab.ts';
import { HopelessError, LabError } from './lab-error.ts';
import { identityOf, isAlive } from './process-identity.ts';

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A journalled child process. */
export interface LabProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Resolves when it ended, whoever ended it. */
  readonly exited: Promise<ProcessExit>;
  running(): boolean;
  /** Ends it with all that it started, SIGTERM first unless said; resolves when all of it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** What runs and how. */
export interface ProcessOptions {
  /** Names the log file and the line in `status`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** On top of our own; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/**
 * Starts a journalled child process with its log file in the lab's folder (ER-12).
 * It does not keep this process alive and outlives it; taking the lab down ends it.
 * @throws LabError when the program cannot be started.
 */
export async function startProcess(lab: Lab, options: ProcessOptions): Promise<LabProcess> {
  const { name, command, args, env = {}, cwd } = options;
  const id = record(lab.dir, { kind: 'process', name, command });
  mkdirSync(join(lab.dir, 'logs'), { recursive: true });
  const logPath = logPathOf(lab, name);
  const log = openSync(logPath, 'a', 0o600);
  const child = spawn(command, [...args], {
    cwd: cwd ?? lab.dir,
    env: { ...process.env, ...env, [processMarker]: id },
    detached: true, // its own group: a Ctrl-C at the terminal is for us to handle
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = new Promise<ProcessExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (cause) => {
      recordUndone(lab.dir, id);
      reject(new LabError(`start ${name}: ${cause.message}`, { cause }));
    });
  });
  child.unref();
  const identity = identityOf(pid);
  if (identity) recordStarted(lab.dir, id, identity);
  const entry: JournalEntry = { id, change: { kind: 'process', name, command }, ...(identity && { identity }) };

  return {
    name,
    pid,
    logPath,
    exited,
    running: () => identity !== undefined && isAlive(identity),
    async stop(signal = 'SIGTERM') {
      await killProcesses([entry], signal);
      recordUndone(lab.dir, id);
      await Promise.race([exited, delay(1_000)]); // the kernel is done; let this process hear of it too
    },
  };
}

/** Where a part's output goes. */
export function logPathOf(lab: Lab, part: string): string {
  return join(lab.dir, 'logs', `${part}.log`);
}

/**
 * To be called while waiting for a part: fails at once when its process ended.
 * @throws HopelessError with the last lines of its log.
 */
export function assertRunning(part: LabProcess): void {
  if (part.running()) return;
  throw new HopelessError(`${part.name} ended while starting:\n${lastLines(readFileSync(part.logPath, 'utf8'))}`);
}
