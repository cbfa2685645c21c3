import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done, silentLogger, silentMeter, type Kind, type KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { claimPort, openLab, startControlPlane, type ControlPlane, type Lab } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { defineController, loadServiceConfig, runManager, type JsonObject } from '../src/index.ts';
import { selfSigned } from '../testing/self-signed.ts';

/** `size` in v1, `replicas` in v2, which is stored. */
interface Toy extends KubeObject {
  readonly spec?: { readonly size?: number; readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string }[];
  };
}
const toyIn = (version: string): Kind<Toy> => ({
  group: 'toys.test',
  version,
  kind: 'Toy',
  plural: 'toys',
  namespaced: true,
});
const Crd: Kind<KubeObject & { spec?: unknown }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

function convert(object: JsonObject, apiVersion: string): JsonObject {
  const { spec = {}, ...rest } = object as { spec?: { size?: number; replicas?: number } };
  const count = spec.size ?? spec.replicas;
  return { ...rest, apiVersion, spec: apiVersion.endsWith('v1') ? { size: count } : { replicas: count } };
}

const schemaOf = (field: string) => ({
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { [field]: { type: 'integer' } } },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer' },
          conditions: {
            type: 'array',
            items: {
              type: 'object',
              required: ['type'],
              properties: {
                type: { type: 'string' },
                status: { type: 'string' },
                reason: { type: 'string' },
                message: { type: 'string' },
                lastTransitionTime: { type: 'string' },
                observedGeneration: { type: 'integer' },
              },
            },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
          },
        },
      },
    },
  },
});

let lab: Lab;
let controlPlane: ControlPlane;
let kube: KubeClient;
let dir: string;
let ports: { webhook: number; health: number; diagnostics: number };
const certificate = selfSigned('toys', ['localhost']);

beforeAll(async () => {
  lab = await openLab();
  controlPlane = await startControlPlane(lab);
  kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath }));
  dir = await mkdtemp(join(tmpdir(), 'toys-'));
  await writeFile(join(dir, 'tls.crt'), certificate.certPem);
  await writeFile(join(dir, 'tls.key'), certificate.keyPem);
  ports = { webhook: await claimPort(lab), health: await claimPort(lab), diagnostics: await claimPort(lab) };
  await kube.apply(Crd, crd(), { fieldManager: 'test' });
});
afterAll(async () => {
  await kube?.close();
  await lab?.close();
  await rm(dir, { recursive: true, force: true });
});

const crd = () => ({
  metadata: { name: 'toys.toys.test' },
  spec: {
    group: 'toys.test',
    scope: 'Namespaced',
    names: { kind: 'Toy', plural: 'toys', singular: 'toy', listKind: 'ToyList' },
    versions: [
      { name: 'v1', served: true, storage: false, subresources: { status: {} }, schema: schemaOf('size') },
      { name: 'v2', served: true, storage: true, subresources: { status: {} }, schema: schemaOf('replicas') },
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: ['v1'],
        clientConfig: {
          url: `https://localhost:${ports.webhook}/convert`,
          caBundle: Buffer.from(certificate.certPem).toString('base64'),
        },
      },
    },
  },
});

function startService(sizes: number[], stop: AbortSignal): Promise<void> {
  const toys = defineController<Toy>({
    name: 'toy',
    kind: toyIn('v1'),
    permissions: [],
    conditionTypes: ['Ready'],
    recordsGeneration: true,
    reconcile: (run) => {
      sizes.push(run.object.spec?.size ?? 0);
      run.report({ type: 'Ready', status: 'True', reason: 'Ready', message: '' });
      return Promise.resolve(done);
    },
  });
  const config = loadServiceConfig({
    name: 'toy',
    env: {},
    argv: [
      `--webhook-port=${ports.webhook}`,
      `--webhook-cert-dir=${dir}`,
      `--health-addr=127.0.0.1:${ports.health}`,
      `--diagnostics-address=127.0.0.1:${ports.diagnostics}`,
    ],
  });
  const telemetry = { logger: silentLogger, meter: silentMeter, metricsText: () => Promise.resolve('toy_up 1\n') };
  return runManager({ config, kube, telemetry, controllers: [toys], webhooks: { convert }, signal: stop });
}

function metrics(token?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = {
      host: '127.0.0.1',
      port: ports.diagnostics,
      path: '/metrics',
      rejectUnauthorized: false,
      headers,
    };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('a service whose own webhooks convert what it watches', () => {
  it('gets ready, fills its caches through itself, and stops clean', async () => {
    const stop = new AbortController();
    const sizes: number[] = [];
    const running = startService(sizes, stop.signal);
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${ports.health}/readyz`)).status).toBe(200));

    await eventually(() =>
      kube.create(toyIn('v2'), { metadata: { name: 'a', namespace: 'default' }, spec: { replicas: 3 } }),
    );
    await eventually(() => expect(sizes).toContain(3), { timeoutMs: 30_000 });
    const stored = await eventually(async () => {
      const toy = await kube.get(toyIn('v2'), { namespace: 'default', name: 'a' });
      expect(toy?.status).toMatchObject({
        observedGeneration: 1,
        conditions: [{ type: 'Ready', observedGeneration: 1 }],
      });
      return toy;
    });

    // Settled means quiet: the next runs write nothing.
    const version = stored?.metadata.resourceVersion;
    await kube.create(toyIn('v2'), { metadata: { name: 'b', namespace: 'default' }, spec: { replicas: 5 } });
    await eventually(() => expect(sizes).toContain(5));
    expect((await kube.get(toyIn('v2'), { namespace: 'default', name: 'a' }))?.metadata.resourceVersion).toBe(version);

    expect(await metrics()).toBe(401);
    await controlPlane.kubectl('create', 'serviceaccount', 'scraper');
    const token = (await controlPlane.kubectl('create', 'token', 'scraper')).trim();
    expect(await metrics(token)).toBe(403);
    await controlPlane.kubectl('create', 'serviceaccount', 'prometheus');
    await controlPlane.kubectl('create', 'clusterrole', 'metrics', '--verb=get', '--non-resource-url=/metrics');
    await controlPlane.kubectl(
      'create',
      'clusterrolebinding',
      'metrics',
      '--clusterrole=metrics',
      '--serviceaccount=default:prometheus',
    );
    const allowed = (await controlPlane.kubectl('create', 'token', 'prometheus')).trim();
    expect(await metrics(allowed)).toBe(200);

    stop.abort();
    await running;
    await expect(fetch(`http://127.0.0.1:${ports.health}/healthz`)).rejects.toThrow();
  });
});
