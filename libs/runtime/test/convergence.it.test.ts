import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { done, type Kind, type KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, parseKubeConfig, type KubeClient } from '@k0smotron/kube';
import { Widget, widgetCrd } from '@k0smotron/kube/testing';
import { openLab, startControlPlane, type ControlPlane, type Lab } from '@k0smotron/lab';
import { eventually, startFaultProxy, type FaultProxy } from '@k0smotron/testing';
import fc from 'fast-check';
import { defineController } from '../src/index.ts';
import { ConfigMap, runLoop, toyController, type RunningLoop, type ToyOptions } from './toy-controller.ts';

const Namespace: Kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
const Crd: Kind<KubeObject & { spec?: unknown }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

let lab: Lab;
let controlPlane: ControlPlane;
let kube: KubeClient;
/** Everything that it does goes through the proxy. */
let far: KubeClient;
let proxy: FaultProxy;
let namespace: string;
let loop: RunningLoop | undefined;
let serial = 0;

beforeAll(async () => {
  lab = await openLab();
  controlPlane = await startControlPlane(lab);
  kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath }));
  const { hostname, port } = new URL(controlPlane.url);
  proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  const config = parseKubeConfig(await readFile(controlPlane.kubeconfigPath, 'utf8'));
  far = connectKube({ ...config, server: `https://127.0.0.1:${proxy.port}` }, { callLimitMs: 5_000 });
  await kube.apply(Crd, widgetCrd, { fieldManager: 'test' });
});
afterEach(async () => {
  proxy.heal();
  await loop?.stop();
  loop = undefined;
});
afterAll(async () => {
  await far?.close();
  await kube?.close();
  await proxy?.close();
  await lab?.close();
});

async function start(options: ToyOptions = {}, clients = { watching: kube, writing: kube }): Promise<RunningLoop> {
  namespace = `toys-${(serial += 1)}`;
  await kube.apply(Namespace, { metadata: { name: namespace } }, { fieldManager: 'test' });
  loop = await runLoop(toyController(options), { ...clients, namespace });
  return loop;
}

const want = (name: string, what: string): Promise<ConfigMap> =>
  kube.apply(
    ConfigMap,
    { metadata: { name, namespace, labels: { toy: 'parent' } }, data: { want: what } },
    { fieldManager: 'test' },
  );
const list = (toy: string): Promise<ConfigMap[]> => kube.list(ConfigMap, { namespace, labelSelector: `toy=${toy}` });

/** Each parent has one child that says what it wants. */
async function assertSettled(): Promise<void> {
  const children = await list('child');
  for (const { metadata, data } of await list('parent')) {
    const own = children.filter((child) => child.metadata.labels?.['parent'] === metadata.name);
    expect(own.map((child) => child.data?.['want'])).toEqual([data?.['want']]);
  }
}

describe('a controller on a real API server', () => {
  it('brings about the same end state, whatever befalls its connections', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const event = fc.oneof(
      fc.record({ what: fc.constant('want' as const), name, value: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ what: fc.constant('remove parent' as const), name }),
      fc.record({ what: fc.constant('remove child' as const), name }),
      fc.record({ what: fc.constant('wake' as const), name }),
      fc.record({ what: fc.constant('cut' as const), afterBytes: fc.integer({ min: 0, max: 4_000 }) }),
      fc.record({ what: fc.constant('cut now' as const) }),
      fc.record({ what: fc.constant('delay' as const), ms: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ what: fc.constant('refuse' as const) }),
      fc.record({ what: fc.constant('heal' as const) }),
    );
    type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
    const { wake } = await start({}, { watching: far, writing: far });
    const happen = async (happening: Event): Promise<void> => {
      if (happening.what === 'want') await want(happening.name, happening.value);
      else if (happening.what === 'remove parent') await kube.remove(ConfigMap, { namespace, name: happening.name });
      else if (happening.what === 'remove child') {
        await kube.remove(ConfigMap, { namespace, name: `${happening.name}-child` });
      } else if (happening.what === 'wake') wake({ namespace, name: happening.name });
      else if (happening.what === 'cut') proxy.inject({ ...happening, kind: 'cut', direction: 'to client' });
      else if (happening.what === 'cut now') proxy.cutAll();
      else if (happening.what === 'delay') proxy.inject({ ...happening, kind: 'delay' });
      else if (happening.what === 'refuse') proxy.inject({ kind: 'refuse' });
      else proxy.heal();
    };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 30 }), async (events) => {
        for (const happening of events) await happen(happening);
        proxy.heal();
        await eventually(assertSettled, { timeoutMs: 60_000, everyMs: 100 });
      }),
      { numRuns: 15, seed: 20261122, endOnFailure: true },
    );
  }, 240_000);

  /** How many children 10 parents get when their watches come 700 ms late and they are woken all the time. */
  async function childrenFromStaleCaches(careless: boolean): Promise<number> {
    const { wake } = await start({ namesByChance: true, careless }, { watching: far, writing: kube });
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
    proxy.inject({ kind: 'delay', ms: 700, direction: 'to client' });
    await Promise.all(names.map((name) => want(name, 'x')));
    await eventually(
      async () => {
        for (const name of names) wake({ namespace, name });
        await assertEach(names);
      },
      { timeoutMs: 30_000, everyMs: 20 },
    );
    return (await list('child')).length;
  }
  async function assertEach(names: readonly string[]): Promise<void> {
    const parents = new Set((await list('child')).map(({ metadata }) => metadata.labels?.['parent']));
    expect(parents.size).toBe(names.length);
  }

  it('makes no second object from a stale cache', async () => {
    expect(await childrenFromStaleCaches(false)).toBe(10);
    await loop?.stop();
    proxy.heal();
    expect(await childrenFromStaleCaches(true)).toBeGreaterThan(10); // what it is protected from
  }, 120_000);

  it('serves the others while some keys hang or throw', async () => {
    const before: ToyOptions['before'] = ({ key }) => {
      if (key.name.startsWith('hang')) return new Promise(() => undefined);
      if (key.name.startsWith('throw')) throw new TypeError('undefined is not a function');
      return Promise.resolve();
    };
    await start({ before, over: { deadlineMs: 300, concurrency: 2 } });
    const bad = ['hang-1', 'hang-2', 'throw-1', 'throw-2'];
    await Promise.all(bad.map((name) => want(name, 'x')));
    const good = Array.from({ length: 20 }, (_, index) => `good-${index}`);
    await Promise.all(good.map((name) => want(name, 'x')));
    await eventually(async () => expect(await list('child')).toHaveLength(good.length), { timeoutMs: 30_000 });
  }, 60_000);

  it('makes nothing anew that was deleted during the run, and settles with writers who are in its way', async () => {
    namespace = `toys-${(serial += 1)}`;
    await kube.apply(Namespace, { metadata: { name: namespace } }, { fieldManager: 'test' });
    let runs = 0;
    const meddle = (name: string): Promise<unknown> =>
      kube.patch(
        Widget,
        { namespace, name },
        { type: 'merge', body: { metadata: { labels: { meddled: String(runs) } } } },
      );
    const controller = defineController<Widget>({
      name: 'widget',
      kind: Widget,
      permissions: [],
      conditionTypes: ['Ready'],
      reconcile: async (run) => {
        runs += 1;
        run.report({ type: 'Ready', status: 'True', reason: 'Ready', message: '' });
        if (run.key.name === 'gone') await kube.remove(Widget, run.key);
        else if (!run.object.metadata.finalizers) {
          await meddle(run.key.name);
          await run.ensureFinalizer('toys.test/held');
          await meddle(run.key.name);
        }
        return done;
      },
    });
    const make = (name: string): Promise<Widget> =>
      eventually(() => kube.create(Widget, { metadata: { namespace, name }, spec: { size: 1 } }));
    loop = await runLoop(controller, { watching: kube, writing: kube, namespace });
    await make('gone');
    await make('met');
    await eventually(async () => {
      const met = await kube.get(Widget, { namespace, name: 'met' });
      expect(met?.metadata.finalizers).toEqual(['toys.test/held']);
      expect(met?.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    });
    expect(await kube.get(Widget, { namespace, name: 'gone' })).toBeUndefined();
  });

  it('runs no more for what it let go, though its cache still shows it', async () => {
    namespace = `toys-${(serial += 1)}`;
    await kube.apply(Namespace, { metadata: { name: namespace } }, { fieldManager: 'test' });
    const key = { namespace, name: 'leaving' };
    let released = 0;
    let shown: () => boolean = () => false;
    const controller = defineController<Widget>({
      name: 'widget',
      kind: Widget,
      permissions: [],
      conditionTypes: [],
      reconcile: async (run) => {
        shown = () => run.caches.of(Widget).get(key) !== undefined;
        if (run.object.metadata.deletionTimestamp === undefined) await run.ensureFinalizer('toys.test/held');
        else {
          released += 1;
          await run.releaseFinalizer('toys.test/held');
        }
        return done;
      },
    });
    loop = await runLoop(controller, { watching: far, writing: kube, namespace });
    const { wake } = loop;
    await eventually(() => kube.create(Widget, { metadata: key, spec: { size: 1 } }));
    await eventually(async () => expect((await kube.get(Widget, key))?.metadata.finalizers).toHaveLength(1));
    proxy.inject({ kind: 'delay', ms: 700, direction: 'to client' });
    await kube.remove(Widget, key);
    await eventually(
      () => {
        wake(key);
        expect([released, shown()]).toEqual([expect.any(Number), false]);
        return Promise.resolve();
      },
      { timeoutMs: 30_000, everyMs: 20 },
    );
    expect(released).toBe(1);
  });

  it('takes a field of status away although the server forgot who owns it', async () => {
    namespace = `toys-${(serial += 1)}`;
    await kube.apply(Namespace, { metadata: { name: namespace } }, { fieldManager: 'test' });
    const key = { namespace, name: 'forgotten' };
    const controller = defineController<Widget>({
      name: 'widget',
      kind: Widget,
      permissions: [],
      conditionTypes: ['Ready'],
      reconcile: (run) => {
        if (run.object.spec?.size === 1) run.status['phase'] = 'One';
        else delete run.status['phase'];
        run.report({ type: 'Ready', status: 'True', reason: 'Ready', message: String(run.object.spec?.size) });
        return Promise.resolve(done);
      },
    });
    const settled = (size: number, phase: string | undefined): Promise<void> =>
      eventually(async () => {
        const { phase: shown, conditions } = (await kube.get(Widget, key))?.status ?? {};
        expect([conditions?.[0]?.message, shown]).toEqual([String(size), phase]);
      });
    loop = await runLoop(controller, { watching: kube, writing: kube, namespace });
    await eventually(() => kube.create(Widget, { metadata: key, spec: { size: 1 } }));
    await settled(1, 'One');
    // What the server does when it cannot convert the record of owners, since the webhook does not answer.
    const body = { metadata: { managedFields: [{}] }, spec: { size: 2 } };
    await kube.patch(Widget, key, { type: 'merge', body });
    await settled(2, undefined);
  });
});
