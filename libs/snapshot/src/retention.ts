/** One kept snapshot, as far as it matters for keeping it. */
export interface KeptSnapshot {
  readonly name: string;
  readonly takenAt: Date;
  /** A trial restore has proved it. */
  readonly verified: boolean;
}

const periods = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
type Period = (typeof periods)[number];

/** How many to keep; what is not said keeps none for that reason. */
export type Retention = { readonly [rule in 'last' | Period]?: number };

/** What stays and why, and what goes. Newest first, so it reads as a list for a dry run. */
export interface RetentionPlan {
  readonly keep: readonly { readonly name: string; readonly because: readonly string[] }[];
  readonly remove: readonly string[];
}

/**
 * Grandfather, father, son: the newest so many, and the newest of each of the newest so many hours, days, weeks, months and years
 * that have one. Only periods with a snapshot count, and the present time does not, so a clock that jumps, or a long pause, removes
 * nothing. The newest verified snapshot always stays (issue 8). Without a rule everything does.
 *
 * @param timeZone IANA name; where days begin.
 */
export function planRetention(
  snapshots: readonly KeptSnapshot[],
  retention: Retention | undefined,
  timeZone: string,
): RetentionPlan {
  const newestFirst = snapshots.toSorted(
    (a, b) => b.takenAt.getTime() - a.takenAt.getTime() || (a.name < b.name ? 1 : -1),
  );
  const because = new Map<KeptSnapshot, string[]>(newestFirst.map((snapshot) => [snapshot, []]));
  const keep = (snapshot: KeptSnapshot | undefined, reason: string): void => {
    if (snapshot) because.get(snapshot)?.push(reason);
  };

  const rules = Object.entries(retention ?? {}).filter(([, count]) => count !== undefined);
  if (rules.length === 0) for (const snapshot of newestFirst) keep(snapshot, 'no retention');
  for (const snapshot of newestFirst.slice(0, retention?.last ?? 0)) keep(snapshot, 'last');
  const dates = localDates(timeZone);
  for (const period of periods) {
    const newest = newestOfEach(newestFirst, ({ takenAt }) => periodOf(period, takenAt, dates));
    for (const snapshot of newest.slice(0, retention?.[period] ?? 0)) keep(snapshot, period);
  }
  keep(
    newestFirst.find(({ verified }) => verified),
    'last verified',
  );

  return {
    keep: newestFirst.flatMap((snapshot) => {
      const reasons = because.get(snapshot) ?? [];
      return reasons.length > 0 ? [{ name: snapshot.name, because: reasons }] : [];
    }),
    remove: newestFirst.filter((snapshot) => because.get(snapshot)?.length === 0).map(({ name }) => name),
  };
}

function newestOfEach(newestFirst: readonly KeptSnapshot[], keyOf: (one: KeptSnapshot) => string): KeptSnapshot[] {
  const found = new Map<string, KeptSnapshot>();
  for (const snapshot of newestFirst) {
    const key = keyOf(snapshot);
    if (!found.has(key)) found.set(key, snapshot);
  }
  return [...found.values()];
}

/** A day as the calendar of a place has it. */
interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function localDates(timeZone: string): (at: Date) => LocalDate {
  const options = { timeZone, calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', options);
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return { year: Number(parts['year']), month: Number(parts['month']), day: Number(parts['day']) };
  };
}

function periodOf(period: Period, at: Date, localDate: (at: Date) => LocalDate): string {
  // Hours of UTC: one of the clock can come twice in a night.
  if (period === 'hourly') return at.toISOString().slice(0, 13);
  const { year, month, day } = localDate(at);
  if (period === 'yearly') return `${year}`;
  if (period === 'monthly') return `${year}-${month}`;
  if (period === 'daily') return `${year}-${month}-${day}`;
  return weekOf(year, month, day);
}

/** The Monday that a week begins with, as a number of days. */
function weekOf(year: number, month: number, day: number): string {
  const days = Date.UTC(year, month - 1, day) / 86_400_000;
  return String(days - ((days + 3) % 7)); // 1 January 1970 was a Thursday
}
