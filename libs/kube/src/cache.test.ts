import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@k0smotron/core';
import { Cache, type CacheChange } from './cache.ts';

interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
}

const pod = (name: string, resourceVersion: string, over: Partial<Pod> & { uid?: string } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'a', uid: over.uid ?? name, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: over.spec,
});
const byNode = ({ spec }: Pod): string[] => (spec?.nodeName ? [spec.nodeName] : []);
const keysOf = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);

describe('Cache', () => {
  it('is synced with the first list, an empty one too', async () => {
    const cache = new Cache<Pod>();
    expect(cache.synced).toBe(false);
    cache.replace([], '7');
    await cache.whenAnswered();
    expect(cache.synced).toBe(true);
    expect(cache.resourceVersion).toBe('7');
  });

  it('knows whether its kind is served, and keeps its objects when it is not', async () => {
    const cache = new Cache<Pod>();
    const told: boolean[] = [];
    cache.onServed((served) => told.push(served));
    cache.unserved();
    await cache.whenAnswered();
    expect(cache.synced).toBe(false);
    cache.replace([pod('x', '1')], '7');
    cache.replace([pod('x', '1')], '8');
    cache.unserved();
    expect(keysOf(cache.list())).toEqual(['x']);
    expect(told).toEqual([false, true, false]);
  });

  it('hands out frozen objects without managedFields', () => {
    const cache = new Cache<Pod>();
    const read = { ...pod('x', '1'), metadata: { ...pod('x', '1').metadata, managedFields: [{ manager: 'm' }] } };
    cache.put(read);
    const kept = cache.get({ namespace: 'a', name: 'x' });
    expect(kept?.metadata).not.toHaveProperty('managedFields');
    expect(() => {
      (kept as { metadata: { name: string } }).metadata.name = 'y';
    }).toThrow(TypeError);
  });

  it('keeps indexes true while objects change, move and go', () => {
    const cache = new Cache<Pod>({ indexes: { byNode } });
    cache.replace([pod('x', '1', { spec: { nodeName: 'n1' } }), pod('y', '2', { spec: { nodeName: 'n1' } })], '2');
    cache.put(pod('x', '3', { spec: { nodeName: 'n2' } }));
    cache.remove(pod('y', '4', { spec: { nodeName: 'n9' } }));
    expect(keysOf(cache.byIndex('byNode', 'n1'))).toEqual([]);
    expect(keysOf(cache.byIndex('byNode', 'n2'))).toEqual(['x']);
    expect(keysOf(cache.list('a'))).toEqual(['x']);
    expect(cache.list('b')).toEqual([]);
  });

  it('can be given an index later', () => {
    const cache = new Cache<Pod>();
    cache.put(pod('x', '1', { spec: { nodeName: 'n1' } }));
    cache.addIndex('byNode', byNode);
    expect(keysOf(cache.byIndex('byNode', 'n1'))).toEqual(['x']);
  });

  it('refuses an index that it does not have', () => {
    expect(() => new Cache().byIndex('byNode', 'n1')).toThrow('no index byNode');
  });

  it('tells what a relist changed, and only that', () => {
    const cache = new Cache<Pod>();
    cache.replace([pod('same', '1'), pod('gone', '2'), pod('anew', '3')], '3');
    const told: CacheChange<Pod>[] = [];
    cache.onChange((change) => told.push(change));
    cache.replace([pod('same', '1'), pod('anew', '5', { uid: 'other' }), pod('new', '6')], '6');
    const short = told.map(({ type, object, before }) => [type, object.metadata.name, before?.metadata.uid]);
    expect(short).toEqual([
      ['put', 'anew', 'anew'],
      ['put', 'new', undefined],
      ['removed', 'gone', 'gone'],
    ]);
  });

  it('knows how far it has come, by events and by bookmarks', () => {
    const cache = new Cache<Pod>();
    cache.replace([], '99');
    expect(cache.hasSeen('100')).toBe(false);
    cache.put(pod('x', '100'));
    expect(cache.hasSeen('100')).toBe(true);
    cache.progressed('250');
    expect(cache.hasSeen('249')).toBe(true);
    cache.remove(pod('x', '251'));
    expect(cache.hasSeen('251')).toBe(true);
  });

  it('survives a listener that throws, and tells the others', () => {
    const cache = new Cache<Pod>();
    const told: string[] = [];
    cache.onChange(() => {
      throw new Error('broken listener');
    });
    const stop = cache.onChange(({ object }) => told.push(object.metadata.name));
    cache.put(pod('x', '1'));
    stop();
    cache.put(pod('y', '2'));
    expect(told).toEqual(['x']);
    expect(cache.size).toBe(2);
  });
});
