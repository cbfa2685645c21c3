import { mkdirSync, writeFileSync } from 'node:fs';
import { repository } from '@k0smotron/scenarios';
import { countByKind } from './trace.ts';

/** Writes down and prints how often services were killed, by kind of the last effect; counted, never reckoned. */
export function tally(scenario: string, kills: readonly string[]): void {
  const byKind = Object.fromEntries(countByKind(kills));
  mkdirSync(`${repository}/.results`, { recursive: true });
  const text = JSON.stringify({ scenario, killed: kills.length, byKind }, null, 2);
  writeFileSync(`${repository}/.results/faults-${scenario}.json`, `${text}\n`);
  console.log(text);
}
