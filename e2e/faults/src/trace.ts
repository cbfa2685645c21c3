import { existsSync, readFileSync } from 'node:fs';

/** What the lives of one service did and how they ended, as the services themselves wrote it down. */
export interface Trace {
  /** Effects, oldest first. */
  readonly effects: readonly string[];
  /** The effects that a life was killed after. */
  readonly kills: readonly string[];
}

/** Reads what `count-effects.ts` wrote; empty when nothing was done yet. */
export function readTrace(path: string): Trace {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const told = (word: string): string[] =>
    lines.flatMap((line) => new RegExp(`^\\d+ \\d+ ${word} (.+)$`).exec(line)?.[1] ?? []);
  return { effects: told('effect'), kills: told('killed') };
}

/** Kind of an effect, without the names in it: `api PATCH remotemachines/status`, `ssh command`, `nats publish`. */
export function kindOf(effect: string): string {
  const [medium = '', verb = '', path = ''] = effect.split(' ');
  if (medium === 'nats') return 'nats publish';
  if (medium !== 'api') return `${medium} ${verb}`;
  const [, rest = ''] = /^\/apis?\/(?:[^/]+\/)?v[^/]+\/(?:namespaces\/[^/]+\/)?(.*)$/.exec(path) ?? [];
  const [resource = '', , subresource] = rest.split('/');
  return `api ${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
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
