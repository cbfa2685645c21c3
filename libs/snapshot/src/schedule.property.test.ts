import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextTimes, planRun, type Timetable } from './schedule.ts';

const at = (text: string): Date => new Date(text);
const timetable = (changes: Partial<Timetable> = {}): Timetable => ({
  schedule: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  jitterSeconds: 0,
  missedRuns: 'RunOnce',
  ...changes,
});
const isoTimes = (table: Timetable, after: string, count: number): string[] =>
  nextTimes(table, at(after), count).map((time) => time.toISOString().slice(0, 16));

const schedules = fc.constantFrom('*/5 * * * *', '30 2 * * *', '0 * * * *', '15 3 * * 0', '0 0 29 2 *', '@daily');
const timeZones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
const times = fc.date({ min: at('2024-01-01T00:00:00Z'), max: at('2030-12-31T00:00:00Z'), noInvalidDate: true });
const tables = fc.record({
  schedule: schedules,
  timeZone: timeZones,
  jitterSeconds: fc.constantFrom(0, 7, 3600),
  missedRuns: fc.constantFrom('RunOnce' as const, 'Skip' as const),
});

describe('a schedule', () => {
  it('gives one run in the night in which 2:30 does not exist, and one in the night in which it comes twice', () => {
    expect(isoTimes(timetable(), '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00', // 2:30 was left out: as soon as it would have been over
      '2026-03-30T00:30',
    ]);
    expect(isoTimes(timetable(), '2026-10-23T12:00:00Z', 3)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('knows leap days', () => {
    const table = timetable({ schedule: '0 0 29 2 *', timeZone: 'UTC' });
    expect(isoTimes(table, '2026-01-01T00:00:00Z', 2)).toEqual(['2028-02-29T00:00', '2032-02-29T00:00']);
  });

  it('waits, runs at the minute, and waits again once that time was acted on', () => {
    const table = timetable({ timeZone: 'UTC' });
    const since = at('2026-01-01T00:00:00Z');
    const due = at('2026-01-01T02:30:00Z');
    const early = at('2026-01-01T02:29:59.999Z');
    expect(planRun(table, { since, now: early, seed: 's' })).toEqual({ kind: 'wait', at: due });
    expect(planRun(table, { since, now: due, seed: 's' })).toEqual({ kind: 'run', scheduledAt: due });
    expect(planRun(table, { since: due, now: due, seed: 's' })).toEqual({
      kind: 'wait',
      at: at('2026-01-02T02:30:00Z'),
    });
  });

  it('makes up for a missed window once, or forgets it', () => {
    const since = at('2026-01-01T00:00:00Z');
    const now = at('2026-02-01T12:00:00Z');
    const last = at('2026-02-01T02:30:00Z');
    const table = timetable({ timeZone: 'UTC' });
    expect(planRun(table, { since, now, seed: 's' })).toEqual({ kind: 'run', scheduledAt: last });
    expect(planRun({ ...table, missedRuns: 'Skip' }, { since, now, seed: 's' })).toEqual({
      kind: 'skip',
      scheduledAt: last,
    });
  });

  it('does not wait for years because a clock was ahead, and repeats nothing because of it', () => {
    const table = timetable({ timeZone: 'UTC' });
    const now = at('2026-01-01T12:00:00Z');
    expect(planRun(table, { since: at('2036-01-01T00:00:00Z'), now, seed: 's' })).toEqual({
      kind: 'wait',
      at: at('2026-01-02T02:30:00Z'),
    });
  });

  it.each([
    ['61 * * * *', 'UTC'],
    ['* * * * * *', 'UTC'],
    ['0 0 * * *', 'Mars/Olympus'],
  ])('refuses "%s" in %s', (schedule, timeZone) => {
    expect(() => nextTimes(timetable({ schedule, timeZone }), at('2026-01-01T00:00:00Z'), 1)).toThrow(
      expect.objectContaining({ reason: 'InvalidSchedule' }),
    );
  });

  it('acts on each time once at most, in order, whenever it is looked at', () => {
    fc.assert(
      fc.property(
        tables,
        times,
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }),
        (table, start, steps) => {
          let since = start;
          let now = start;
          for (const minutes of steps) {
            now = new Date(now.getTime() + minutes * 60_000);
            const due = planRun(table, { since, now, seed: 's' });
            if (due.kind === 'wait') {
              expect(due.at === undefined || due.at > now).toBe(true);
              continue;
            }
            expect(due.scheduledAt > since && due.scheduledAt <= now).toBe(true);
            since = due.scheduledAt;
            expect(planRun(table, { since, now, seed: 's' }).kind).toBe('wait');
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('runs when it said that it would, jitter included, and before the next time', () => {
    fc.assert(
      fc.property(tables, times, fc.string(), (table, now, seed) => {
        const waiting = planRun(table, { since: now, now, seed });
        if (waiting.kind !== 'wait' || !waiting.at) return;
        const [first, second] = nextTimes(table, now, 2);
        expect(waiting.at >= (first ?? now) && waiting.at < (second ?? waiting.at)).toBe(true);
        expect(planRun(table, { since: now, now: waiting.at, seed })).toEqual({ kind: 'run', scheduledAt: first });
      }),
      { numRuns: 40 },
    );
  });
});
