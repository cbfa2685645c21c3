import { createHash } from 'node:crypto';
import { messageOf, TerminalError } from '@k0smotron/core';
import { Cron } from 'croner';

/** When snapshots are taken, as an EtcdSnapshotSchedule says it. */
export interface Timetable {
  /** Five fields of cron, or a nickname such as `@daily`. */
  readonly schedule: string;
  /** IANA name. */
  readonly timeZone: string;
  /** A run starts up to so many seconds late, but before the next one is due. */
  readonly jitterSeconds: number;
  /** Whether a time that passed while nobody looked is made up for, once, or forgotten. */
  readonly missedRuns: 'RunOnce' | 'Skip';
}

/** What a schedule is to do at one moment. */
export type Due =
  /** Start now; `scheduledAt` is the time of the cron line that it stands for. */
  | { readonly kind: 'run'; readonly scheduledAt: Date }
  /** Forget that time: it was missed. */
  | { readonly kind: 'skip'; readonly scheduledAt: Date }
  /** Nothing before `at`; `undefined` when the line never matches again. */
  | { readonly kind: 'wait'; readonly at: Date | undefined };

/** A run that is no later than this was not missed: leaders change, and queues are long. */
const graceMs = 5 * 60_000;

/**
 * Tells what to do now. Of several times that passed only the last counts, so a long absence, or a clock that jumps ahead, gives
 * one snapshot and not hundreds.
 *
 * @param since the time that was last acted on, or when the schedule was made. One that lies ahead (the clock was wrong) is taken
 *   as now: nothing waits for a year, and names made from `scheduledAt` make a repeat harmless.
 * @param seed what tells schedules apart, so that jitter spreads them, and is the same on every replica and after a restart.
 * @throws TerminalError `InvalidSchedule`
 */
export function planRun(
  timetable: Timetable,
  { since, now, seed }: { readonly since: Date; readonly now: Date; readonly seed: string },
): Due {
  const cron = parse(timetable);
  const from = since > now ? now : since;
  const last = lastUntil(cron, now);
  if (last === undefined || last <= from) return startOf(nextAfter(cron, now));
  const startMs = last.getTime() + jitterMs(timetable, cron, { scheduledAt: last, seed });
  if (now.getTime() < startMs) return { kind: 'wait', at: new Date(startMs) };
  const missed = now.getTime() - startMs > graceMs;
  return { kind: missed && timetable.missedRuns === 'Skip' ? 'skip' : 'run', scheduledAt: last };

  function startOf(next: Date | undefined): Due {
    return {
      kind: 'wait',
      at: next && new Date(next.getTime() + jitterMs(timetable, cron, { scheduledAt: next, seed })),
    };
  }
}

/** The next so many times of the line after a moment, without jitter; what a user checks a schedule with. */
export function nextTimes(timetable: Timetable, after: Date, count: number): readonly Date[] {
  return parse(timetable).nextRuns(count, after);
}

function parse({ schedule, timeZone }: Timetable): Cron {
  try {
    // Paused: croner is a calculator here, and a live job would keep the process up.
    const cron = new Cron(schedule, { timezone: timeZone, paused: true, mode: '5-part' });
    cron.nextRun(); // an unknown zone is found out only now
    return cron;
  } catch (cause) {
    throw new TerminalError('InvalidSchedule', `"${schedule}" in ${timeZone}: ${messageOf(cause)}`, { cause });
  }
}

/** The last time that is not after `now`. */
const lastUntil = (cron: Cron, now: Date): Date | undefined => cron.previousRuns(1, new Date(now.getTime() + 1))[0];

const nextAfter = (cron: Cron, now: Date): Date | undefined => cron.nextRun(now) ?? undefined;

function jitterMs(
  { jitterSeconds }: Timetable,
  cron: Cron,
  { scheduledAt, seed }: { readonly scheduledAt: Date; readonly seed: string },
): number {
  const next = nextAfter(cron, scheduledAt);
  const seconds = next ? Math.min(jitterSeconds, (next.getTime() - scheduledAt.getTime()) / 1000 - 1) : jitterSeconds;
  const digest = createHash('sha256').update(`${seed} ${scheduledAt.toISOString()}`).digest();
  return (digest.readUInt32BE() % (Math.floor(seconds) + 1)) * 1000;
}
