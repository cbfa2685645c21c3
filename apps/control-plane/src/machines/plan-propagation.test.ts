import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@k0smotron/core';
import { planPropagation } from './plan-propagation.ts';
import { recordAnnotation } from './propagation-record.ts';

const own = { cluster: 'c' };
const machine = (metadata: object, spec: object = {}): KubeObject =>
  ({ metadata: { name: 'c-0', ...metadata }, spec }) as unknown as KubeObject;
const record = (keys: object) => ({ [recordAnnotation]: JSON.stringify(keys) });

describe('what of the template is brought to an object', () => {
  it.each([
    {
      what: 'nothing to one that is as it should be',
      live: machine({ labels: { ...own, a: '1' }, annotations: record({ labels: ['a'] }) }),
      wanted: { labels: { a: '1' }, annotations: {} },
      patch: undefined,
    },
    {
      what: 'what is new and what is other, and it is remembered',
      live: machine({ labels: { ...own, a: '0', theirs: 'x' } }),
      wanted: { labels: { a: '1' }, annotations: { n: 'v' } },
      patch: {
        metadata: { labels: { a: '1' }, annotations: { n: 'v', ...record({ annotations: ['n'], labels: ['a'] }) } },
      },
    },
    {
      what: 'null for what the template lost, and nothing for what came from elsewhere',
      live: machine({ labels: { ...own, a: '1', theirs: 'x' }, annotations: record({ labels: ['a'] }) }),
      wanted: { labels: {}, annotations: {} },
      patch: { metadata: { labels: { a: null }, annotations: { [recordAnnotation]: null } } },
    },
    {
      what: 'the labels by which it is found, when somebody took them',
      live: machine({}),
      wanted: {},
      patch: { metadata: { labels: own } },
    },
    {
      what: 'limits alone to one that is going, whose record of labels stays',
      live: machine(
        { labels: own, annotations: record({ labels: ['a'] }) },
        { deletion: { nodeDrainTimeoutSeconds: 1 } },
      ),
      wanted: { deletion: { nodeDrainTimeoutSeconds: 5 }, spec: {} },
      patch: {
        metadata: { annotations: record({ deletion: ['nodeDrainTimeoutSeconds'], labels: ['a'] }) },
        spec: { deletion: { nodeDrainTimeoutSeconds: 5 } },
      },
    },
    {
      what: 'no limit in place of one that somebody set by hand',
      live: machine({ labels: own }, { deletion: { nodeDrainTimeoutSeconds: 1 } }),
      wanted: { deletion: {}, spec: {} },
      patch: undefined,
    },
    {
      what: 'nothing away by a record that somebody has spoilt',
      live: machine({ labels: { ...own, a: '1' }, annotations: { [recordAnnotation]: '{"labels":' } }),
      wanted: { labels: {}, annotations: {} },
      patch: { metadata: { annotations: { [recordAnnotation]: null } } },
    },
  ])('is $what', ({ live, wanted, patch }) => {
    expect(planPropagation(live, wanted, own)).toEqual(patch);
  });
});
