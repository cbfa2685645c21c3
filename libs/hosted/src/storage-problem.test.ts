import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../testing/index.ts';
import { storageProblem } from './storage-problem.ts';

const { spec } = aPlane();
const kine = (dataSourceURL: string | undefined, replicas = 1) => ({
  ...spec,
  replicas,
  storage: { ...spec.storage, type: 'kine' as const, ...(dataSourceURL !== undefined && { kine: { dataSourceURL } }) },
});
const nats = (replicas: number) => ({ ...spec, replicas, storage: { ...spec.storage, type: 'nats' as const } });

describe('storageProblem', () => {
  it.each([
    ['etcd', { ...spec, replicas: 3 }],
    ['SQLite for one controller, by name', kine('sqlite:///data/state.db')],
    ['SQLite for one controller, because nothing is said', kine(undefined)],
    ['SQLite for no controller, which counts as one', kine('', 0)],
    ['PostgreSQL for three controllers', kine('postgres://user:word@db/k0s', 3)],
    ['T4 for three controllers', kine('t4:///var/lib/k0s/t4', 3)],
    ['five servers of NATS', nats(5)],
  ])('has nothing against %s', (_what, given) => {
    expect(storageProblem(given)).toBeUndefined();
  });

  it.each([
    ['SQLite for two controllers', kine('sqlite:///data/state.db', 2), 'SQLite serves one controller'],
    ['two controllers without a data source', kine(undefined, 2), 'SQLite serves one controller'],
    ['a data source without a kind', kine('db.example.com:5432/k0s'), 'does not begin with a kind of database'],
    ['seven servers of NATS', nats(7), 'at most 5 replicas'],
  ])('refuses %s', (_what, given, problem) => {
    expect(storageProblem(given)).toContain(problem);
  });

  it('looks at the data source that a Secret holds, and never repeats it', () => {
    const spec = kine(undefined, 3);
    expect(storageProblem(spec, 'mysql://user:word@tcp(db)/k0s')).toBeUndefined();
    expect(storageProblem(spec, 'user:word@tcp(db)/k0s')).not.toContain('word');
  });
});
