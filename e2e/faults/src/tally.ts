import { mkdirSync, writeFileSync } from 'node:fs';
import { repository } from '@k0smotron/scenarios';
import { countByKind } from './trace.ts';

/** The effects that services were killed after, by what was going on. */
export type KillsByPhase = Readonly<Record<string, readonly string[]>>;

/** Writes down and prints how often services were killed, by phase and kind of the last effect; counted, never reckoned. */
export function tally(scenario: string, kills: KillsByPhase): void {
  const all = Object.values(kills).flat();
  const phases = Object.entries(kills).map(([phase, its]) => ({ phase, ...countOf(its) }));
  mkdirSync(`${repository}/.results`, { recursive: true });
  const text = JSON.stringify({ scenario, ...countOf(all), phases }, null, 2);
  writeFileSync(`${repository}/.results/faults-${scenario}.json`, `${text}\n`);
  console.log(text);
}

const countOf = (kills: readonly string[]) => ({ killed: kills.length, byKind: countByKind(kills) });
