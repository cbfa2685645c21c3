import { describe, expect, it } from '@jest/globals';
import { apiVersionOf, type KubeObject } from '@k0smotron/core';
import { SnapshotStore } from '@k0smotron/api';
import { fakeKube } from '@k0smotron/kube/testing';
import { StoreRefusedError, StoreUnreachableError, type ObjectStore, type StoreOptions } from '@k0smotron/object-store';
import { memoryStore } from '@k0smotron/object-store/testing';
import { fakeRun, type FakeRun } from '@k0smotron/runtime/testing';
import { fakeClock } from '@k0smotron/testing';
import { reconcileSnapshotStore } from './reconcile.ts';

const s3 = {
  endpoint: 'https://s3.test',
  bucket: 'b',
  pathStyle: true,
  credentialsRef: { name: 'keys' },
  caRef: { name: 'authority' },
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (name: string, data: Readonly<Record<string, string>>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'ns' }, data }) as unknown as KubeObject;
const secrets = [
  secret('keys', { accessKeyId: base64('id\n'), secretAccessKey: base64('key') }),
  secret('authority', { 'ca.crt': base64('PEM') }),
];

interface World {
  readonly store?: ObjectStore;
  readonly stored?: readonly KubeObject[];
  readonly storeDir?: string;
}

/** One run over a store of this spec; what was opened is told too. */
async function reconcile(
  spec: object,
  { store = memoryStore(), stored = secrets, storeDir = '/stores' }: World = {},
): Promise<{ readonly run: FakeRun<SnapshotStore>; readonly opened: readonly StoreOptions[]; readonly kind: string }> {
  const opened: StoreOptions[] = [];
  const object = {
    apiVersion: apiVersionOf(SnapshotStore),
    kind: SnapshotStore.kind,
    metadata: { name: 's', namespace: 'ns', uid: 'u1' },
    spec,
  } as unknown as SnapshotStore;
  const run = fakeRun(object, { kube: fakeKube({ clock: fakeClock(), objects: stored }) });
  const openStore = (options: StoreOptions): Promise<ObjectStore> => {
    opened.push(options);
    return Promise.resolve(store);
  };
  const { kind } = await reconcileSnapshotStore(run, { openStore, storeDir }, new AbortController().signal);
  return { run, opened, kind };
}

const namesIn = async (store: ObjectStore): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of store.list('')) names.push(name);
  return names;
};

describe('a SnapshotStore', () => {
  it('is ready once something was kept there, and nothing of it is left', async () => {
    const store = memoryStore();
    const { run, opened, kind } = await reconcile({ s3 }, { store });
    expect(kind).toBe('done');
    expect(run.conditions.get('Ready')).toMatchObject({ status: 'True' });
    expect(run.conditions.get('ConditionalPuts')).toMatchObject({ status: 'True' });
    expect(await namesIn(store)).toEqual([]);
    const { endpoint, bucket, pathStyle } = s3;
    const keys = { accessKeyId: 'id', secretAccessKey: 'key', caPem: 'PEM' };
    expect(opened).toEqual([{ kind: 's3', endpoint, bucket, pathStyle, ...keys }]);
  });

  it('lies in the folder of the service when it is a directory, and nowhere else', async () => {
    const { run, opened } = await reconcile({ directory: { path: 'a/b' } });
    expect(opened).toEqual([{ kind: 'directory', path: '/stores/a/b' }]);
    expect(run.conditions.get('Ready')).toMatchObject({ status: 'True' });
    for (const path of ['../a', '/etc', 'a/../../b', 'a//b', '.a']) {
      await expect(reconcile({ directory: { path } })).rejects.toMatchObject({ reason: 'InvalidPath' });
    }
    const unset = reconcile({ directory: { path: 'a' } }, { storeDir: '' });
    await expect(unset).rejects.toMatchObject({ reason: 'NotSupported' });
  });

  it('says that volumes come later', async () => {
    const refused = reconcile({ persistentVolumeClaim: { claimName: 'c' } });
    await expect(refused).rejects.toMatchObject({ reason: 'NotSupported' });
  });

  it('refuses recipients that are none', async () => {
    const refused = reconcile({ s3, encryption: { recipients: ['age1nonsense'] } });
    await expect(refused).rejects.toMatchObject({ reason: 'InvalidRecipient' });
  });

  it.each([
    ['CredentialsMissing', 'ns/keys has no accessKeyId', { stored: [] }],
    ['CredentialsMissing', 'ns/authority has no ca.crt', { stored: secrets.slice(0, 1) }],
    ['Unreachable', 'no route', { store: failing(new StoreUnreachableError('no route')) }],
    ['Refused', 'no such bucket', { store: failing(new StoreRefusedError('no such bucket')) }],
    ['Unfaithful', 'not what was written', { store: forgetful() }],
  ])('is not ready and is looked at again: %s, %s', async (reason, said, world) => {
    const { run, kind } = await reconcile({ s3 }, world);
    expect(kind).toBe('again');
    expect(run.conditions.get('Ready')).toMatchObject({ status: 'False', reason });
    expect(run.conditions.get('Ready')?.message).toContain(said);
  });

  it('is ready and says so when it replaces what it was told not to', async () => {
    const store = memoryStore();
    const careless = { ...store, put: (name: string, source: AsyncIterable<Uint8Array>) => store.put(name, source) };
    const { run } = await reconcile({ s3 }, { store: careless });
    expect(run.conditions.get('Ready')).toMatchObject({ status: 'True' });
    expect(run.conditions.get('ConditionalPuts')).toMatchObject({ status: 'False', reason: 'Ignored' });
    expect(await namesIn(store)).toEqual([]);
  });
});

/** A store in which each write fails. */
function failing(error: Error): ObjectStore {
  return { ...memoryStore(), put: () => Promise.reject(error) };
}

/** A store that gives back something else. */
function forgetful(): ObjectStore {
  return {
    ...memoryStore(),
    get: async function* () {
      yield await Promise.resolve(Buffer.from('something else'));
    },
  };
}
