import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done, silentLogger, silentMeter, type Kind, type KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { Widget, widgetCrd } from '@k0smotron/kube/testing';
import { claimPort, openLab, startControlPlane, type Lab } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { defineController, loadServiceConfig, runManager, watch } from '../src/index.ts';
import { ConfigMap } from './toy-controller.ts';

const Crd: Kind<KubeObject & { spec?: unknown }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const namespace = 'default';
const timeoutMs = 60_000;

/** Writes into each labelled ConfigMap how many Widgets there are; works without the kind. */
const counting = defineController<ConfigMap>({
  name: 'counting',
  kind: ConfigMap,
  labelSelector: 'counts=widgets',
  watches: [watch(Widget, () => [{ namespace, name: 'count' }], { optional: true })],
  permissions: [],
  conditionTypes: [],
  reconcile: async ({ kube, key, caches }, signal) => {
    const data = { widgets: String(caches.of(Widget).list().length) };
    await kube.patch(ConfigMap, key, { type: 'merge', body: { data } }, {}, signal);
    return done;
  },
});

/** Paints Widgets; cannot work without the kind. */
const painting = defineController<Widget>({
  name: 'painting',
  kind: Widget,
  permissions: [],
  conditionTypes: ['Ready'],
  reconcile: (run) => {
    run.status['phase'] = 'painted';
    return Promise.resolve(done);
  },
});

let lab: Lab;
let kube: KubeClient;
let health: string;
const stop = new AbortController();
let running: Promise<void>;

beforeAll(async () => {
  lab = await openLab();
  kube = connectKube(await loadKubeConfig({ path: (await startControlPlane(lab)).kubeconfigPath }));
  health = `127.0.0.1:${await claimPort(lab)}`;
  const argv = [`--health-addr=${health}`, '--diagnostics-address=0'];
  const config = loadServiceConfig({ name: 'late', env: {}, argv });
  const telemetry = { logger: silentLogger, meter: silentMeter, metricsText: () => Promise.resolve('') };
  running = runManager({ config, kube, telemetry, controllers: [counting, painting], signal: stop.signal });
});
afterAll(async () => {
  stop.abort();
  await running;
  await kube?.close();
  await lab?.close();
});

const count = async (): Promise<string | undefined> =>
  (await kube.get(ConfigMap, { namespace, name: 'count' }))?.data?.['widgets'];
const counted = (widgets: string): Promise<void> =>
  eventually(async () => expect(await count()).toBe(widgets), { timeoutMs, what: `a count of ${widgets}` });

async function installAndPaint(name: string): Promise<void> {
  await kube.apply(Crd, widgetCrd, { fieldManager: 'test' });
  await eventually(() => kube.apply(Widget, { metadata: { namespace, name } }, { fieldManager: 'test' }), {
    timeoutMs,
  });
  await eventually(async () => expect((await kube.get(Widget, { namespace, name }))?.status?.phase).toBe('painted'), {
    timeoutMs,
    what: `${name} to be painted`,
  });
}

describe('a service of which a kind is not there yet', () => {
  it('is ready, and does what needs no such kind', async () => {
    await kube.create(ConfigMap, { metadata: { namespace, name: 'count', labels: { counts: 'widgets' } } });
    await counted('0');
    expect((await fetch(`http://${health}/readyz`)).status).toBe(200);
  }, 90_000);

  it('begins with the kind when it is installed', async () => {
    await installAndPaint('first');
    await counted('1');
  }, 150_000);

  it('sees the objects go when the kind is removed, does the rest meanwhile, and begins again', async () => {
    await kube.remove(Crd, { name: widgetCrd.metadata.name });
    await counted('0');
    await eventually(async () => expect(await kube.get(Crd, { name: widgetCrd.metadata.name })).toBeUndefined(), {
      timeoutMs,
      what: 'the definition to be gone',
    });
    await kube.patch(ConfigMap, { namespace, name: 'count' }, { type: 'merge', body: { data: { widgets: 'none' } } });
    await counted('0');
    await installAndPaint('second');
    await counted('1');
  }, 240_000);
});
