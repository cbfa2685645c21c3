import { readFileSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { controllers as bootstrap } from '@k0smotron/bootstrap/controllers';
import { controllers as controlPlane } from '@k0smotron/control-plane/controllers';
import { controllers as etcdSnapshot } from '@k0smotron/etcd-snapshot/controllers';
import { controllers as infrastructure } from '@k0smotron/infrastructure/controllers';
import type { Controller } from '@k0smotron/runtime';

/** Stands for every dependency: declarations are read here, nothing is run. */
const anything: never = new Proxy(() => undefined, { get: () => anything, apply: () => anything }) as never;
const controllers: readonly Controller[] = [
  ...infrastructure(anything),
  ...bootstrap(anything),
  ...controlPlane(anything),
  ...etcdSnapshot(anything),
];

/** What the page says of one kind: condition → reasons. */
function sections(page: string): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, Map<string, string[]>>();
  let kind: Map<string, string[]> | undefined;
  let condition = '';
  for (const line of page.split('\n')) {
    const heading = /^## (\w+)$/.exec(line)?.[1];
    if (heading) all.set(heading, (kind = new Map<string, string[]>()));
    const row = /^\| +(?:`(\w+)`)? *\| `(\w+)` +\|/.exec(line);
    if (!row || !kind) continue;
    condition = row[1] ?? condition;
    kind.set(condition, [...(kind.get(condition) ?? []), row[2] ?? '']);
  }
  return all;
}

describe('docs/guide/conditions.md', () => {
  const page = sections(readFileSync('docs/guide/conditions.md', 'utf8'));
  let sources = '';

  beforeAll(async () => {
    for await (const file of glob('{apps/*,libs/runtime,libs/api,libs/kube,libs/snapshot}/src/**/*.ts')) {
      if (!file.endsWith('.test.ts')) sources += await readFile(file, 'utf8');
    }
  });

  it('speaks of every kind that a controller reports conditions on, and of no other', () => {
    const reporting = controllers
      .filter(({ conditionTypes }) => conditionTypes.length > 0)
      .map(({ kind }) => kind.kind);
    expect([...page.keys()].sort()).toEqual([...new Set(reporting)].sort());
  });

  it('lists the conditions that the kind has', () => {
    for (const [kind, conditions] of page) {
      const declared = controllers
        .filter((it) => it.kind.kind === kind)
        .flatMap(({ conditionTypes }) => conditionTypes);
      const listed = [...conditions.keys()].sort();
      expect({ kind, conditions: listed }).toEqual({
        kind,
        conditions: [...new Set(declared)].filter((type) => type !== 'Paused').sort(),
      });
    }
  });

  it('names no reason that nobody gives', () => {
    const reasons = [...page.values()].flatMap((conditions) => [...conditions.values()].flat());
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter((reason) => !sources.includes(`'${reason}'`))).toEqual([]);
  });
});
