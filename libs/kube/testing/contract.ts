import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Condition, Kind, KubeObject, ObjectKey } from '@k0smotron/core';
import type { KubeClient, WatchEvent } from '../src/client.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from '../src/errors.ts';
import { Widget } from './widget.ts';

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

const Secret: Kind<Secret> = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/** What runs the contract. */
export interface ContractServer {
  readonly client: KubeClient;
  /** Exists, and is ours alone. */
  readonly namespace: string;
  close(): Promise<void>;
}

const condition = (type: string, status: Condition['status'] = 'True'): Condition => ({
  type,
  status,
  reason: 'Tested',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** What every KubeClient must do, told as tests; the fake is held to it so that unit tests with it mean something. */
export function describeKubeClient(name: string, open: () => Promise<ContractServer>): void {
  describe(`${name} keeps the contract of KubeClient`, () => {
    let server: ContractServer;
    let serial = 0;
    beforeAll(async () => {
      server = await open();
    });
    afterAll(async () => {
      await server.close();
    });

    const fresh = (): ObjectKey & { namespace: string } => {
      serial += 1;
      return { namespace: server.namespace, name: `w${serial}` };
    };
    const make = (key: ObjectKey, spec: Widget['spec'] = { size: 1 }, metadata: object = {}): Promise<Widget> =>
      server.client.create(Widget, { metadata: { ...key, ...metadata }, spec }, { fieldManager: 'maker' });
    const read = (key: ObjectKey): Promise<Widget | undefined> => server.client.get(Widget, key);

    describe('get and create', () => {
      it('gives undefined for what is not there', async () => {
        expect(await read(fresh())).toBeUndefined();
      });

      it('gives back what was created, named and versioned', async () => {
        const key = fresh();
        const made = await make(key, { size: 3 });
        expect(await read(key)).toEqual(made);
        expect(made).toMatchObject({ apiVersion: 'contract.k0smotron.io/v1', kind: 'Widget', spec: { size: 3 } });
        expect(made.metadata).toMatchObject({ ...key, uid: expect.any(String), resourceVersion: expect.any(String) });
      });

      it('refuses a second object of the same name', async () => {
        const key = fresh();
        await make(key);
        await expect(make(key)).rejects.toBeInstanceOf(AlreadyExistsError);
      });

      it('does not take a status at creation', async () => {
        const key = fresh();
        const intent = { metadata: key, spec: {}, status: { phase: 'Made up' } };
        expect((await server.client.create(Widget, intent)).status).toBeUndefined();
      });

      it('leaves nothing behind after a dry run', async () => {
        const key = fresh();
        await server.client.create(Widget, { metadata: key, spec: {} }, { dryRun: true });
        expect(await read(key)).toBeUndefined();
      });

      it('stores the text of a Secret as base64', async () => {
        const intent = { metadata: fresh(), stringData: { value: 'hello' } };
        expect((await server.client.create(Secret, intent)).data).toEqual({ value: 'aGVsbG8=' });
      });

      it('stops when aborted', async () => {
        const reason = new Error('enough');
        await expect(server.client.get(Widget, fresh(), AbortSignal.abort(reason))).rejects.toBe(reason);
      });
    });

    describe('apply', () => {
      const apply = (key: ObjectKey, manager: string, spec: Widget['spec'], metadata: object = {}): Promise<Widget> =>
        server.client.apply(Widget, { metadata: { ...key, ...metadata }, spec }, { fieldManager: manager });

      it('makes an object that is not there', async () => {
        const key = fresh();
        await apply(key, 'a', { size: 1 });
        expect((await read(key))?.spec).toEqual({ size: 1 });
      });

      it('removes the fields that the same manager no longer names, and no others', async () => {
        const key = fresh();
        await apply(key, 'a', { size: 1, colour: 'red' });
        await apply(key, 'b', {}, { labels: { by: 'b' } });
        await apply(key, 'a', { colour: 'red' });
        const stored = await read(key);
        expect(stored?.spec).toEqual({ colour: 'red' });
        expect(stored?.metadata.labels).toEqual({ by: 'b' });
      });

      it('changes nothing, not even the version, when repeated', async () => {
        const key = fresh();
        const first = await apply(key, 'a', { size: 1 });
        const second = await apply(key, 'a', { size: 1 });
        expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      });

      it('does not create anew an object whose uid is given and that is gone', async () => {
        const key = fresh();
        const { metadata } = await make(key);
        await server.client.remove(Widget, key);
        await expect(apply(key, 'a', { size: 2 }, { uid: metadata.uid })).rejects.toBeInstanceOf(ConflictError);
        expect(await read(key)).toBeUndefined();
      });

      it('refuses the uid of an object that was made anew', async () => {
        const key = fresh();
        const { metadata } = await make(key);
        await server.client.remove(Widget, key);
        await make(key);
        await expect(apply(key, 'a', { size: 2 }, { uid: metadata.uid })).rejects.toBeInstanceOf(ConflictError);
        const intent = { metadata: { ...key, uid: metadata.uid }, status: { phase: 'Old' } };
        const status = server.client.apply(Widget, intent, { fieldManager: 'a', subresource: 'status' });
        await expect(status).rejects.toBeInstanceOf(ConflictError);
        const body = { metadata: { uid: metadata.uid }, spec: { size: 2 } };
        const patch = server.client.patch(Widget, key, { type: 'merge', body });
        await expect(patch).rejects.toBeInstanceOf(ConflictError);
      });

      it('refuses the uid of a Secret that was made anew', async () => {
        const key = fresh();
        const old = await server.client.create(Secret, { metadata: key });
        await server.client.remove(Secret, key);
        await server.client.create(Secret, { metadata: key });
        const intent = { metadata: { ...key, uid: old.metadata.uid }, data: {} };
        const apply = server.client.apply(Secret, intent, { fieldManager: 'a' });
        await expect(apply).rejects.toBeInstanceOf(ConflictError);
      });

      it("takes over another manager's field only by force", async () => {
        const key = fresh();
        await apply(key, 'a', { size: 1 });
        const intent = { metadata: key, spec: { size: 2 } };
        const polite = server.client.apply(Widget, intent, { fieldManager: 'b', force: false });
        await expect(polite).rejects.toBeInstanceOf(ConflictError);
        expect((await apply(key, 'b', { size: 2 })).spec).toEqual({ size: 2 });
      });

      it('writes a status and nothing else through the subresource', async () => {
        const key = fresh();
        await make(key, { size: 1 });
        const intent = { metadata: key, spec: { size: 9 }, status: { phase: 'Ready' } };
        await server.client.apply(Widget, intent, { fieldManager: 'a', subresource: 'status' });
        expect(await read(key)).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
        await apply(key, 'b', { size: 2 });
        expect((await read(key))?.status).toEqual({ phase: 'Ready' });
      });

      it('does not create through the status subresource', async () => {
        const intent = { metadata: fresh(), status: { phase: 'Ready' } };
        const call = server.client.apply(Widget, intent, { fieldManager: 'a', subresource: 'status' });
        await expect(call).rejects.toBeInstanceOf(NotFoundError);
      });

      it("keeps other managers' conditions", async () => {
        const key = fresh();
        await make(key);
        const report = (manager: string, conditions: readonly Condition[]): Promise<Widget> =>
          server.client.apply(
            Widget,
            { metadata: key, status: { conditions } },
            { fieldManager: manager, subresource: 'status' },
          );
        await report('a', [condition('Ready'), condition('Paused', 'False')]);
        await report('b', [condition('Seen')]);
        await report('a', [condition('Ready', 'False')]);
        const conditions = (await read(key))?.status?.conditions ?? [];
        const told = conditions.map(({ type, status }) => `${type}=${status}`).sort();
        expect(told).toEqual(['Ready=False', 'Seen=True']);
      });
    });

    describe('replace and patch', () => {
      it('swaps only the version that was read', async () => {
        const key = fresh();
        const old = await make(key);
        await server.client.replace(Widget, { ...old, spec: { size: 2 } });
        const late = server.client.replace(Widget, { ...old, spec: { size: 3 } });
        await expect(late).rejects.toBeInstanceOf(ConflictError);
        expect((await read(key))?.spec).toEqual({ size: 2 });
      });

      it('replaces a status through the subresource', async () => {
        const key = fresh();
        const old = await make(key, { size: 1 });
        const wanted: Widget = { ...old, spec: { size: 9 }, status: { phase: 'Ready' } };
        await server.client.replace(Widget, wanted, { subresource: 'status' });
        expect(await read(key)).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
      });

      it('merges a patch, where null removes', async () => {
        const key = fresh();
        await make(key, { size: 1, colour: 'red' });
        await server.client.patch(Widget, key, { type: 'merge', body: { spec: { size: 2, colour: null } } });
        expect((await read(key))?.spec).toEqual({ size: 2 });
      });

      it('refuses a merge patch with an old version', async () => {
        const key = fresh();
        const { metadata } = await make(key);
        await server.client.patch(Widget, key, { type: 'merge', body: { spec: { size: 2 } } });
        const body = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { size: 3 } };
        const late = server.client.patch(Widget, key, { type: 'merge', body });
        await expect(late).rejects.toBeInstanceOf(ConflictError);
      });

      it('runs a JSON patch', async () => {
        const key = fresh();
        await make(key, { size: 1 });
        const body = [
          { op: 'test', path: '/spec/size', value: 1 },
          { op: 'replace', path: '/spec/size', value: 2 },
        ];
        expect((await server.client.patch(Widget, key, { type: 'json', body })).spec).toEqual({ size: 2 });
      });

      it('throws NotFoundError for what is not there', async () => {
        const patch = server.client.patch(Widget, fresh(), { type: 'merge', body: {} });
        await expect(patch).rejects.toBeInstanceOf(NotFoundError);
      });

      it('moves the generation with the spec only', async () => {
        const key = fresh();
        await make(key, { size: 1 });
        await server.client.patch(Widget, key, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } });
        const status = { metadata: key, status: { phase: 'Ready' } };
        await server.client.apply(Widget, status, { fieldManager: 'a', subresource: 'status' });
        expect((await read(key))?.metadata.generation).toBe(1);
        await server.client.patch(Widget, key, { type: 'merge', body: { spec: { size: 2 } } });
        expect((await read(key))?.metadata.generation).toBe(2);
      });
    });

    describe('remove', () => {
      it('is content with what is not there', async () => {
        await server.client.remove(Widget, fresh());
      });

      it('leaves an object whose uid or version is another', async () => {
        const key = fresh();
        await make(key);
        const byUid = server.client.remove(Widget, key, { uid: '00000000-0000-0000-0000-000000000000' });
        await expect(byUid).rejects.toBeInstanceOf(ConflictError);
        const byVersion = server.client.remove(Widget, key, { resourceVersion: '1' });
        await expect(byVersion).rejects.toBeInstanceOf(ConflictError);
        expect(await read(key)).toBeDefined();
      });

      it('waits for the last finalizer', async () => {
        const key = fresh();
        await make(key, {}, { finalizers: ['contract.k0smotron.io/hold'] });
        await server.client.remove(Widget, key);
        expect((await read(key))?.metadata.deletionTimestamp).toEqual(expect.any(String));
        await server.client.patch(Widget, key, { type: 'merge', body: { metadata: { finalizers: null } } });
        expect(await read(key)).toBeUndefined();
      });
    });

    describe('list and watch', () => {
      it('lists what is selected', async () => {
        const keys = [fresh(), fresh()];
        await make(keys[0] ?? fresh(), {}, { labels: { pair: 'x', half: 'one' } });
        await make(keys[1] ?? fresh(), {}, { labels: { pair: 'x', half: 'two' } });
        const names = async (labelSelector: string): Promise<string[]> => {
          const found = await server.client.list(Widget, { namespace: server.namespace, labelSelector });
          return found.map(({ metadata }) => metadata.name).sort();
        };
        expect(await names('pair=x')).toEqual(keys.map((key) => key.name).sort());
        expect(await names('pair=x,half in (two,three)')).toEqual([keys[1]?.name]);
        expect(await names('pair=x,half!=two')).toEqual([keys[0]?.name]);
        expect(await names('pair,!half')).toEqual([]);
      });

      it('lists metadata only, under the real name of the kind', async () => {
        const key = fresh();
        await make(key, { size: 1 }, { labels: { only: 'metadata' } });
        const [found] = await server.client.list(Widget, { labelSelector: 'only=metadata', metadataOnly: true });
        expect(found).toMatchObject({ apiVersion: 'contract.k0smotron.io/v1', kind: 'Widget', metadata: key });
        expect(found?.spec).toBeUndefined();
      });

      it('tells each change after the given version', async () => {
        const { client, namespace } = server;
        const labelSelector = 'watched=yes';
        const { resourceVersion } = await client.listing(Widget, { namespace, labelSelector });
        const key = fresh();
        await make(key, { size: 1 }, { labels: { watched: 'yes' } });
        await client.patch(Widget, key, { type: 'merge', body: { spec: { size: 2 } } });
        await client.patch(Widget, key, { type: 'merge', body: { metadata: { labels: { watched: 'no' } } } });
        await client.patch(Widget, key, { type: 'merge', body: { metadata: { labels: { watched: 'yes' } } } });
        await client.remove(Widget, key);

        const seen: WatchEvent<Widget>['type'][] = [];
        const over = new AbortController();
        for await (const { type } of client.watch(Widget, { namespace, labelSelector, resourceVersion }, over.signal)) {
          if (type !== 'BOOKMARK') seen.push(type);
          if (seen.length === 5) break;
        }
        over.abort();
        expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED', 'DELETED']);
      });

      it('ends a watch when aborted', async () => {
        const { resourceVersion } = await server.client.listing(Widget);
        const over = new AbortController();
        setImmediate(() => over.abort());
        const events = server.client.watch(Widget, { namespace: 'nowhere', resourceVersion }, over.signal);
        for await (const { type } of events) expect(type).toBe('BOOKMARK');
      });
    });
  });
}
