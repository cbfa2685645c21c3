import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planRetention, type KeptSnapshot } from './retention.ts';

const taken = (text: string, verified = true): KeptSnapshot => ({ name: text, takenAt: new Date(text), verified });
const kept = (plan: ReturnType<typeof planRetention>): string[] => plan.keep.map(({ name }) => name);

const snapshots = fc
  .uniqueArray(fc.date({ min: new Date('2024-02-01'), max: new Date('2028-03-01'), noInvalidDate: true }), {
    maxLength: 40,
    selector: (at) => at.getTime(),
  })
  .chain((dates) =>
    fc
      .array(fc.boolean(), { minLength: dates.length, maxLength: dates.length })
      .map((proofs) => dates.map((takenAt, n) => ({ name: `s${n}`, takenAt, verified: proofs[n] ?? false }))),
  );
const count = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
const retentions = fc.record({
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
});

describe('planRetention', () => {
  it('keeps all without a rule', () => {
    const all = [taken('2026-01-01T00:00:00Z'), taken('2026-01-02T00:00:00Z')];
    expect(planRetention(all, undefined, 'UTC').remove).toEqual([]);
    expect(planRetention(all, {}, 'UTC').remove).toEqual([]);
  });

  it('keeps the newest of each day and month, and says why', () => {
    const all = [
      taken('2026-01-31T10:00:00Z'),
      taken('2026-01-31T22:00:00Z'),
      taken('2026-02-01T08:00:00Z'),
      taken('2026-02-02T08:00:00Z'),
      taken('2026-02-02T09:00:00Z'),
    ];
    expect(planRetention(all, { daily: 2, monthly: 2 }, 'UTC')).toEqual({
      keep: [
        { name: '2026-02-02T09:00:00Z', because: ['daily', 'monthly', 'last verified'] },
        { name: '2026-02-01T08:00:00Z', because: ['daily'] },
        { name: '2026-01-31T22:00:00Z', because: ['monthly'] },
      ],
      remove: ['2026-02-02T08:00:00Z', '2026-01-31T10:00:00Z'],
    });
  });

  it('lets days begin where the schedule is', () => {
    const all = [taken('2026-01-01T22:00:00Z'), taken('2026-01-01T23:30:00Z')];
    expect(kept(planRetention(all, { daily: 5 }, 'UTC'))).toHaveLength(1);
    expect(kept(planRetention(all, { daily: 5 }, 'Europe/Berlin'))).toHaveLength(2);
  });

  it('takes the hour that comes twice as two, the leap day as a day, and a week from Monday to Sunday', () => {
    const twice = [taken('2026-10-25T00:30:00Z'), taken('2026-10-25T01:30:00Z')];
    expect(kept(planRetention(twice, { hourly: 5 }, 'Europe/Berlin'))).toHaveLength(2);
    const leap = [taken('2028-02-28T12:00:00Z'), taken('2028-02-29T12:00:00Z'), taken('2028-03-01T12:00:00Z')];
    expect(kept(planRetention(leap, { daily: 5 }, 'UTC'))).toHaveLength(3);
    const weeks = [taken('2026-12-28T00:00:00Z'), taken('2027-01-03T23:00:00Z'), taken('2027-01-04T00:00:00Z')];
    expect(kept(planRetention(weeks, { weekly: 5 }, 'UTC'))).toEqual(['2027-01-04T00:00:00Z', '2027-01-03T23:00:00Z']);
  });

  it('keeps the last verified one although newer ones fill all places', () => {
    const all = [
      taken('2026-01-01T00:00:00Z'),
      taken('2026-02-01T00:00:00Z', false),
      taken('2026-03-01T00:00:00Z', false),
    ];
    expect(planRetention(all, { last: 1 }, 'UTC')).toEqual({
      keep: [
        { name: '2026-03-01T00:00:00Z', because: ['last'] },
        { name: '2026-01-01T00:00:00Z', because: ['last verified'] },
      ],
      remove: ['2026-02-01T00:00:00Z'],
    });
  });

  it('loses none, keeps the newest verified one, as many as asked, and in the end nothing more goes', () => {
    fc.assert(
      fc.property(
        snapshots,
        retentions,
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata'),
        (all, rules, zone) => {
          const plan = planRetention(all, rules, zone);
          expect([...kept(plan), ...plan.remove].sort()).toEqual(all.map(({ name }) => name).sort());
          const newest = all.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
          const verified = newest.find((one) => one.verified);
          if (verified) expect(kept(plan)).toContain(verified.name);
          for (const { name } of newest.slice(0, rules.last ?? 0)) expect(kept(plan)).toContain(name);
          const left = all.filter(({ name }) => kept(plan).includes(name));
          expect(planRetention(left, rules, zone).remove).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does not take back what it removed: a shorter list keeps no more of the old', () => {
    fc.assert(
      fc.property(snapshots, retentions, (all, rules) => {
        const [newest, ...older] = all.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
        if (!newest) return;
        const before = planRetention(older, rules, 'UTC');
        const after = planRetention(all, rules, 'UTC');
        // What had to go before a new snapshot came has to go all the more.
        for (const name of before.remove) expect(after.remove).toContain(name);
      }),
      { numRuns: 200 },
    );
  });
});
