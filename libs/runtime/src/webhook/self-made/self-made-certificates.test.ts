import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type Kind, type KubeObject } from '@k0smotron/core';
import { fakeKube, type FakeKube, type SeedObject } from '@k0smotron/kube/testing';
import { fakeClock, type FakeClock } from '@k0smotron/testing';
import { selfSigned } from '../../../testing/self-signed.ts';
import { CustomResourceDefinition } from '../../controller/definitions.ts';
import type { PemPair } from '../../http/diagnostics-server.ts';
import { ValidatingWebhookConfiguration } from '../registered-webhooks.ts';
import { validatingWebhook } from '../validation.ts';
import { SelfMadeCertificates, type CertificateMaker } from './self-made-certificates.ts';

const Toy: Kind = { group: 'toys.test', version: 'v2', kind: 'Toy', plural: 'toys', namespaced: true };
const Secret: Kind<KubeObject & { data?: Record<string, string> }> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};
const secretKey = { namespace: 'ns', name: 'k0smotron-toys-webhooks' };
const lifeMs = 600_000;
const stepMs = 5000;

/** Each certificate is its own authority: quick to make. */
const pki: CertificateMaker = {
  createCa: ({ years, now = new Date() }) => {
    const end = new Date(now.getTime() + years * 365 * 86_400_000);
    return Promise.resolve(selfSigned('toys', ['localhost'], [now, end]));
  },
  issue: (ca) => Promise.resolve(ca),
};

const definition = (over: object = {}): SeedObject =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'toys.toys.test', ...over },
    spec: { conversion: { strategy: 'None' } },
  }) as SeedObject;

let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

interface Replica {
  readonly certificates: SelfMadeCertificates;
  served: PemPair;
  turns: number;
}

async function replica(kube: FakeKube, clock: FakeClock): Promise<Replica> {
  const registered = {
    name: 'k0smotron-toys',
    converts: [Toy],
    admits: [validatingWebhook({ kind: Toy, checks: [] })],
  };
  const url = 'https://localhost:9443';
  const options = { kube, pki, namespace: 'ns', url, lifeMs, lookMs: 60_000, registered, clock, logger: silentLogger };
  const certificates = new SelfMadeCertificates(options);
  const one: Replica = { certificates, served: await certificates.read(stop.signal), turns: 0 };
  const onChange = (pair: PemPair): void => {
    one.served = pair;
    one.turns += 1;
  };
  void certificates.follow(onChange, stop.signal);
  return one;
}

/** The bundles of everything that is registered. */
async function bundles(kube: FakeKube): Promise<string[]> {
  const registrations = [
    await kube.get(CustomResourceDefinition, { name: 'toys.toys.test' }),
    await kube.get(ValidatingWebhookConfiguration, { name: 'k0smotron-toys' }),
  ];
  const texts = [...JSON.stringify(registrations).matchAll(/"caBundle":"([^"]+)"/g)].map(([, text = '']) => text);
  return texts.map((text) => Buffer.from(text, 'base64').toString());
}

const trusts = (bundle: string, { certPem }: PemPair): boolean =>
  bundle.includes(certPem) && new X509Certificate(certPem).checkHost('localhost') !== undefined;

/** Moves time on, in small steps, and lets all that it wakes come to an end. */
async function pass(clock: FakeClock, ms: number, seen: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await clock.advance(stepMs);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    await seen();
  }
}

describe('certificates of a service’s own', () => {
  it('are registered before the service is ready', async () => {
    const [clock] = [fakeClock()];
    const kube = fakeKube({ clock, objects: [] });
    const { certificates, served } = await replica(kube, clock);
    await pass(clock, 10_000);
    expect(() => certificates.check()).toThrow('CustomResourceDefinition toys.toys.test is not installed');

    await kube.create(CustomResourceDefinition, definition());
    await pass(clock, 10_000);
    certificates.check();
    expect(await bundles(kube)).toEqual([served.certPem, served.certPem]);
    expect(await kube.get(CustomResourceDefinition, { name: 'toys.toys.test' })).toMatchObject({
      spec: {
        conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://localhost:9443/convert' } } },
      },
    });
    expect(await kube.get(ValidatingWebhookConfiguration, { name: 'k0smotron-toys' })).toMatchObject({
      webhooks: [{ clientConfig: { url: 'https://localhost:9443/validate-toys-test-v2-toy' }, failurePolicy: 'Fail' }],
    });
  });

  it('are followed by others in time, and what two replicas serve is always trusted', async () => {
    const clock = fakeClock();
    const kube = fakeKube({ clock, objects: [definition()] });
    const replicas = [await replica(kube, clock), await replica(kube, clock)];
    await pass(clock, 10_000);
    expect(replicas[0]?.served).toEqual(replicas[1]?.served);

    await pass(clock, 4 * lifeMs, async () => {
      for (const bundle of await bundles(kube)) {
        for (const { served } of replicas) expect(trusts(bundle, served)).toBe(true);
        expect(bundle.match(/BEGIN/g)?.length).toBeLessThanOrEqual(2);
      }
    });
    expect(replicas.map(({ turns }) => turns)).toEqual([7, 7]);
  });

  it('ask little while nothing changes', async () => {
    const clock = fakeClock();
    const kube = fakeKube({ clock, objects: [definition()] });
    await replica(kube, clock);
    await pass(clock, 60_000);
    const before = kube.calls.length;
    await pass(clock, 120_000);
    expect(kube.calls.length - before).toBeLessThan(12);
    expect(kube.calls.slice(before).filter(({ verb }) => verb !== 'get')).toEqual([]);
  });

  it('come back when somebody deletes or breaks what is kept of them', async () => {
    const clock = fakeClock();
    const kube = fakeKube({ clock, objects: [definition()] });
    const { served } = await replica(kube, clock);
    await pass(clock, 10_000);
    await kube.remove(Secret, secretKey);
    await kube.remove(ValidatingWebhookConfiguration, { name: 'k0smotron-toys' });
    const none = { spec: { conversion: { strategy: 'None', webhook: null } } };
    await kube.patch(CustomResourceDefinition, { name: 'toys.toys.test' }, { type: 'merge', body: none });
    await pass(clock, 120_000);
    expect(await bundles(kube)).toEqual([served.certPem, served.certPem]);
    const secret = await kube.get(Secret, secretKey);
    expect(Buffer.from(secret?.data?.['tls.crt'] ?? '', 'base64').toString()).toBe(served.certPem);
  });

  it('are not registered where cert-manager is at work', async () => {
    const clock = fakeClock();
    const annotations = { 'cert-manager.io/inject-ca-from': 'ns/certificate' };
    const kube = fakeKube({ clock, objects: [definition({ annotations })] });
    const { certificates } = await replica(kube, clock);
    await pass(clock, 60_000);
    expect(() => certificates.check()).toThrow(
      /cert-manager looks after CustomResourceDefinition toys.toys.test: take/,
    );
    expect(await bundles(kube)).toEqual([]);
  });
});
