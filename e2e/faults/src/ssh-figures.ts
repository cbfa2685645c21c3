import { mkdirSync, writeFileSync } from 'node:fs';
import { repository } from '@k0smotron/scenarios';

/** Counts the faults that were really injected, and writes them down at the end. */
export interface Figures {
  /** Adds the faults of one test and how long it took from `startedAtMs` (of `performance.now()`). */
  add(what: string, faults: number, startedAtMs: number): void;
  /** To `.results/faults-<name>.json`. */
  write(): void;
}

/** Figures of one file of tests. */
export function figuresOf(name: string): Figures {
  const rows: { readonly what: string; readonly faults: number; readonly seconds: number }[] = [];
  return {
    add: (what, faults, startedAtMs) => {
      rows.push({ what, faults, seconds: Math.round((performance.now() - startedAtMs) / 100) / 10 });
      console.log(`${what}: ${faults} faults, ${rows.at(-1)?.seconds} s`);
    },
    write: () => {
      mkdirSync(`${repository}/.results`, { recursive: true });
      writeFileSync(`${repository}/.results/faults-${name}.json`, `${JSON.stringify(rows, null, 2)}\n`);
    },
  };
}
