import { describe, expect, it } from '@jest/globals';
import { convert } from './convert.ts';
import type { JsonObject } from './json.ts';

const standalone = 'k0smotron.io';
const dropped = 'k0smotron.io/conversion-dropped-service';
const elsewhere = 'k0smotron.io/cluster-ref-namespace';

const make = (version: string, kind: string, content: JsonObject, annotations?: JsonObject): JsonObject => ({
  apiVersion: `${standalone}/${version}`,
  kind,
  metadata: { name: 'a', namespace: 'default', ...(annotations && { annotations }) },
  ...content,
});
const cluster = (version: string, spec: JsonObject, annotations?: JsonObject) =>
  make(version, 'Cluster', { spec }, annotations);
const request = (version: string, spec: JsonObject, annotations?: JsonObject) =>
  make(version, 'JoinTokenRequest', { spec }, annotations);

const up = (object: JsonObject) => convert(object, `${standalone}/v1beta2`);
const down = (object: JsonObject) => convert(object, `${standalone}/v1beta1`);
const specOf = (object: JsonObject) => object['spec'] as JsonObject;
const annotationsOf = (object: JsonObject) => (object['metadata'] as JsonObject)['annotations'];

describe('storage of a hosted cluster', () => {
  const etcd = { image: 'etcd' };

  it.each([
    ['etcd', { etcd }, { type: 'etcd', etcd }],
    [
      'kine by address',
      { etcd, kineDataSourceURL: 'postgres://db' },
      { type: 'kine', kine: { dataSourceURL: 'postgres://db' }, etcd },
    ],
    [
      'kine by Secret',
      { etcd, kineDataSourceSecretName: 'db' },
      { type: 'kine', kine: { dataSourceSecretName: 'db' }, etcd },
    ],
  ])('%s is one object in v1beta2', (_what, spec, storage) => {
    const stored = up(cluster('v1beta1', spec));
    expect(specOf(stored)).toEqual({ storage });
    expect(annotationsOf(stored)).toBeUndefined();
    expect(specOf(down(stored))).toEqual(spec);
  });

  it('stays NATS when a v1beta1 client changes something else', () => {
    const storage = { type: 'nats', nats: { persistence: { size: '2Gi' } }, etcd };
    const read = down(cluster('v1beta2', { replicas: 3, storage }));
    expect(specOf(read)).toEqual({ replicas: 3, etcd });
    expect(specOf(up({ ...read, spec: { ...specOf(read), image: 'other' } }))).toEqual({
      replicas: 3,
      image: 'other',
      storage,
    });
  });

  it('becomes kine when a v1beta1 client says so', () => {
    const read = down(cluster('v1beta2', { storage: { type: 'nats', nats: {}, etcd } }));
    const edited = { ...read, spec: { ...specOf(read), kineDataSourceSecretName: 'db' } };
    expect(specOf(up(edited))['storage']).toMatchObject({ type: 'kine', kine: { dataSourceSecretName: 'db' } });
  });
});

describe('the Service of a hosted cluster', () => {
  const service = { type: 'LoadBalancer', labels: { b: '2', a: '1' }, externalTrafficPolicy: 'Local' };
  const annotations = { [`${dropped}.labels`]: '{"a":"1","b":"2"}', [`${dropped}.externalTrafficPolicy`]: '"Local"' };

  it('has in annotations what v1beta2 has no field for, as the original stores it', () => {
    const stored = up(cluster('v1beta1', { service }));
    expect(stored).toEqual(cluster('v1beta2', { service: { type: 'LoadBalancer' } }, annotations));
    expect(down(stored)).toEqual(cluster('v1beta1', { service }));
  });

  it.each(['no JSON', '3', '{"a":1}'])('keeps an annotation that says nothing of it: %s', (text) => {
    const object = cluster('v1beta2', { service: {} }, { [`${dropped}.labels`]: text });
    expect(specOf(down(object))).toEqual({ service: {} });
    expect(up(down(object))).toEqual(object);
  });
});

describe('the Cluster of a JoinTokenRequest', () => {
  it('in the own namespace is its name', () => {
    const stored = up(request('v1beta1', { clusterRef: { name: 'c', namespace: 'default' } }));
    expect(stored).toEqual(request('v1beta2', { clusterName: 'c' }));
    expect(specOf(down(stored))).toEqual({ clusterRef: { name: 'c', namespace: 'default' } });
  });

  it('in another namespace needs an annotation', () => {
    const written = request('v1beta1', { clusterRef: { name: 'c', namespace: 'other' } });
    expect(up(written)).toEqual(request('v1beta2', { clusterName: 'c' }, { [elsewhere]: 'other' }));
    expect(down(up(written))).toEqual(written);
  });

  it('moves to the own namespace when a v1beta1 client says so', () => {
    const read = down(request('v1beta2', { clusterName: 'c' }, { [elsewhere]: 'other' }));
    const edited = { ...read, spec: { clusterRef: { name: 'c', namespace: 'default' } } };
    expect(up(edited)).toEqual(request('v1beta2', { clusterName: 'c' }));
  });
});

describe('status', () => {
  it('of a Cluster counts in both versions', () => {
    const status = { replicas: 3, selector: 'app=k0smotron', reconciliationStatus: 'done', ready: true };
    const stored = up(make('v1beta1', 'Cluster', { spec: {}, status }));
    expect(stored['status']).toEqual({
      replicas: 3,
      selector: 'app=k0smotron',
      deprecated: { v1beta1: { reconciliationStatus: 'done', ready: true } },
    });
    expect(down(stored)['status']).toEqual(status);
  });
});
