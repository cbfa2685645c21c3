import { describe, expect, it } from '@jest/globals';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { AdmissionRequest } from './handlers.ts';
import { validatingWebhook, type Check } from './validation.ts';

interface Toy extends KubeObject {
  readonly spec: { readonly size: number; readonly parts?: readonly string[] };
}
const kind: Kind<Toy> = { group: 'toys.test', version: 'v2', kind: 'Toy', plural: 'toys', namespaced: true };

const checkSize: Check<Toy> = ({ spec }) =>
  spec.size > 10 ? [{ field: 'spec.size', message: 'is too big: write at most 10' }] : [];
const checkParts: Check<Toy> = ({ spec }) =>
  (spec.parts ?? []).flatMap((part, at) => (part ? [] : [{ field: `spec.parts[${at}]`, message: 'is empty' }]));
const checkGrowth: Check<Toy> = ({ spec }, old) =>
  old && spec.size > old.spec.size + 5 ? [{ field: 'spec.size', message: 'grows too fast' }] : [];
const checkOdd: Check<Toy> = ({ spec }) =>
  spec.size % 2 === 1 ? [] : [{ field: 'spec.size', message: 'is even', warning: true }];

const webhook = validatingWebhook({ kind, checks: [checkSize, checkParts, checkGrowth, checkOdd] });
const toy = (spec: Toy['spec'], metadata: object = {}) =>
  ({ apiVersion: 'toys.test/v2', kind: 'Toy', metadata: { name: 'a', ...metadata }, spec }) as unknown as Toy;
const ask = (object: Toy, oldObject?: Toy) =>
  webhook.review({
    operation: oldObject ? 'UPDATE' : 'CREATE',
    object,
    oldObject: oldObject ?? null,
  } as unknown as AdmissionRequest);

describe('a validating webhook', () => {
  it('is registered under the names of the original', () => {
    expect(webhook).toMatchObject({
      name: 'validate-toy-v2.k0smotron.io',
      path: '/validate-toys-test-v2-toy',
      resource: { group: 'toys.test', version: 'v2', resource: 'toys' },
    });
    const scale = validatingWebhook({ kind, subresource: 'scale', checks: [] });
    expect([scale.path, scale.resource.resource]).toEqual(['/validate-toys-test-v2-toy-scale', 'toys/scale']);
  });

  it('tells all errors at once, with their fields', () => {
    expect(ask(toy({ size: 11, parts: ['', 'b', ''] }))).toEqual({
      allowed: false,
      message: 'spec.size: is too big: write at most 10; spec.parts[0]: is empty; spec.parts[2]: is empty',
      warnings: [],
    });
  });

  it('lets warnings pass', () => {
    expect(ask(toy({ size: 2 }))).toEqual({ allowed: true, warnings: ['spec.size: is even'] });
  });

  it('compares with what is stored', () => {
    expect(ask(toy({ size: 9 }), toy({ size: 3 }))).toMatchObject({
      allowed: false,
      message: 'spec.size: grows too fast',
    });
    expect(ask(toy({ size: 7 }), toy({ size: 3 }))).toEqual({ allowed: true, warnings: [] });
  });

  it('keeps what is wrong already, and refuses what comes on top of it', () => {
    const old = toy({ size: 11, parts: [''] });
    expect(ask(toy({ size: 11, parts: ['new', ''] }), old)).toEqual({
      allowed: true,
      warnings: [
        'spec.size: is too big: write at most 10 (kept, since it was so before)',
        'spec.parts[1]: is empty (kept, since it was so before)',
      ],
    });
    expect(ask(toy({ size: 11, parts: ['', ''] }), old)).toMatchObject({
      allowed: false,
      message: 'spec.parts[1]: is empty',
    });
  });

  it('leaves objects alone that go', () => {
    expect(ask(toy({ size: 11 }, { deletionTimestamp: '2026-01-01T00:00:00Z' }), toy({ size: 1 }))).toEqual({
      allowed: true,
    });
  });
});
