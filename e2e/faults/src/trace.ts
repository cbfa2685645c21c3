import { existsSync, readFileSync } from 'node:fs';
import { endOf, kindOf, type Moment } from './aim.ts';

/** What the lives of one service did and how they ended, as the services themselves wrote it down. */
export interface Trace {
  /** Effects, oldest first. */
  readonly effects: readonly string[];
  /** The effects that a life was killed after. */
  readonly kills: readonly string[];
  /** How lives ended, as {@link endOf} says it. */
  readonly ends: readonly string[];
}

/** Reads what `count-effects.ts` wrote; empty when nothing was done yet. */
export function readTrace(path: string): Trace {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const effects = [...text.matchAll(/^\d+ \d+ effect (.+)\n/gm)].map(([, effect = '']) => effect);
  const deaths = [...text.matchAll(/^\d+ \d+ killed (sent|answered) (.+)\n/gm)];
  return {
    effects,
    kills: deaths.map(([, , effect = '']) => effect),
    ends: deaths.map(([, moment, effect = '']) => endOf(moment as Moment, effect)),
  };
}

/** How many there are of each kind, the most frequent first. */
export function countByKind(effects: readonly string[]): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(effects, kindOf)].map(([kind, all]) => [kind, all.length] as const);
  return Object.fromEntries(counts.sort(([, a], [, b]) => b - a));
}

/** The first effect of each medium and verb (`ssh command`, `nats`, `api PATCH`, …) with its number, counted from 1. */
export function firstOfEachMedium(effects: readonly string[]): readonly (readonly [string, number])[] {
  const firsts = new Map<string, number>();
  effects.forEach((effect, at) => {
    const [medium = '', verb = ''] = effect.split(' ');
    const kind = medium === 'nats' ? medium : `${medium} ${verb}`;
    if (!firsts.has(kind)) firsts.set(kind, at + 1);
  });
  return [...firsts];
}
