import { describe, expect, it } from '@jest/globals';
import * as events from '../src/index.ts';
import { load } from 'js-yaml';
import { allFacts } from './all-facts.ts';
import { addressOf, asyncApi, idOf } from './asyncapi.ts';
import { toYaml } from './yaml.ts';

const object = { kind: 'RemoteMachine', namespace: 'default', name: 'm-0', uid: 'u1' };
const exported = Object.values(events).flatMap((value) =>
  typeof value === 'function' && 'definition' in value ? [value.definition] : [],
);

describe('allFacts', () => {
  it('describes every fact that the room exports', () => {
    expect(allFacts.map(({ definition }) => definition)).toEqual(expect.arrayContaining(exported));
    const perService = allFacts.filter(({ definition }) => definition.fact === 'audit-gap-found');
    expect(allFacts).toHaveLength(exported.length + perService.length);
  });

  it('gives each fact an address and a name of its own', () => {
    expect(new Set(allFacts.map(addressOf)).size).toBe(allFacts.length);
    expect(new Set(allFacts.map(idOf)).size).toBe(allFacts.length);
  });

  it('refuses details that the type does not have', () => {
    const { details } = allFacts[0] ?? {};
    expect(details?.safeParse({ pool: 'hosts', host: { name: 'h', uid: 'u' } }).success).toBe(true);
    expect(details?.safeParse({ pool: 'hosts', host: { name: 'h', uid: 'u' }, privateKey: 'x' }).success).toBe(false);
  });
});

describe('asyncApi', () => {
  it('has a channel whose parameters are those of its address', () => {
    for (const channel of Object.values(
      asyncApi()['channels'] as Record<string, { address: string; parameters: object }>,
    )) {
      const named = [...channel.address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(channel.parameters)).toEqual(named);
    }
  });

  it('names only things that exist', () => {
    const document = asyncApi();
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path?.split('/') ?? [],
    );
    expect(refs.length).toBeGreaterThan(0);
    for (const path of refs)
      expect(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], document)).toBeDefined();
  });

  it('gives the type and subject that a fact has', () => {
    const fact = events.machineProvisioned(object, { address: 'a' }, new Date());
    expect(JSON.stringify(asyncApi())).toContain(`"${fact.type}"`);
  });
});

describe('toYaml', () => {
  it('writes what a YAML reader reads back', () => {
    const data = {
      text: 'a: "b" #c\nd',
      yes: true,
      no: 'no',
      list: [1, { deep: [[], {}, [2]] }],
      $ref: null,
      empty: {},
    };
    expect(load(toYaml(data))).toEqual(data);
    expect(load(toYaml(asyncApi()))).toEqual(asyncApi());
  });
});
