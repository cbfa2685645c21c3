import { describe, expect, it } from '@jest/globals';
import { silentLogger, silentMeter, type Kind } from '@k0smotron/core';
import { fakeKube } from '@k0smotron/kube/testing';
import { fakeClock } from '@k0smotron/testing';
import { Informers, type InformerOptions, type Selection } from './informers.ts';

const Machine: Kind = {
  group: 'cluster.x-k8s.io',
  version: 'v1beta2',
  kind: 'Machine',
  plural: 'machines',
  namespaced: true,
};
const Secret: Kind = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const anObject = (kind: Kind, name: string, namespace = 'one', labels: Record<string, string> = {}) => ({
  apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
  kind: kind.kind,
  metadata: { name, namespace, labels },
});

async function filled(
  selections: readonly Selection[],
  objects: readonly ReturnType<typeof anObject>[],
  scope: Partial<InformerOptions> = {},
) {
  const kube = fakeKube({ objects });
  const informers = new Informers({ kube, clock: fakeClock(), logger: silentLogger, meter: silentMeter, ...scope });
  for (const selection of selections) informers.want(selection);
  const stop = new AbortController();
  informers.start(stop.signal);
  await informers.whenSynced(stop.signal);
  stop.abort();
  await informers.whenStopped();
  return { informers, kube };
}
const namesOf = (informers: Informers, kind: Kind, selector?: string): string[] =>
  informers
    .of(kind, selector)
    .list()
    .map(({ metadata }) => metadata.name);

describe('Informers', () => {
  it('list each kind once, however many want it', async () => {
    const { kube } = await filled([{ kind: Secret }, { kind: Secret }, { kind: Machine }], []);
    expect(kube.calls.filter(({ verb }) => verb === 'list').map(({ what }) => what)).toEqual(['Secret', 'Machine']);
  });

  it('see one namespace only when told', async () => {
    const { informers } = await filled([{ kind: Secret }], [anObject(Secret, 'a'), anObject(Secret, 'b', 'two')], {
      namespace: 'two',
    });
    expect(namesOf(informers, Secret)).toEqual(['b']);
  });

  it('see Cluster API objects with the watch-filter label only when told, and Secrets all the same', async () => {
    const label = { 'cluster.x-k8s.io/watch-filter': 'mine' };
    const objects = [anObject(Machine, 'a'), anObject(Machine, 'b', 'one', label), anObject(Secret, 's')];
    const { informers } = await filled([{ kind: Machine }, { kind: Secret }], objects, { watchFilter: 'mine' });
    expect([namesOf(informers, Machine), namesOf(informers, Secret)]).toEqual([['b'], ['s']]);
  });

  it('give the cache of a selector by that selector, and do not guess', async () => {
    const objects = [anObject(Secret, 'a', 'one', { use: 'a' }), anObject(Secret, 'b', 'one', { use: 'b' })];
    const { informers } = await filled(
      [
        { kind: Secret, labelSelector: 'use=a' },
        { kind: Secret, labelSelector: 'use=b' },
      ],
      objects,
    );
    expect([namesOf(informers, Secret, 'use=a'), namesOf(informers, Secret, 'use=b')]).toEqual([['a'], ['b']]);
    expect(() => informers.of(Secret)).toThrow(/Secret is not watched by this process, or with several selectors/);
    const { informers: single } = await filled([{ kind: Secret, labelSelector: 'use=a' }], objects);
    expect(namesOf(single, Secret)).toEqual(['a']);
  });

  it('know in which caches a write will show', async () => {
    const { informers } = await filled([], [], { namespace: 'one' });
    const stored = (labels: Record<string, string>, namespace = 'one') => {
      const object = anObject(Secret, 'a', namespace, labels);
      return { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
    };
    const selection = { kind: Secret, labelSelector: 'use=a' };
    expect(informers.sees(selection, stored({ use: 'a' }))).toBe(true);
    expect(informers.sees(selection, stored({ use: 'b' }))).toBe(false);
    expect(informers.sees(selection, stored({ use: 'a' }, 'two'))).toBe(false);
    expect(informers.sees({ kind: Machine }, stored({}))).toBe(false);
  });
});
