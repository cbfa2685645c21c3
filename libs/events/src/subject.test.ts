import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tokenMinted } from './bootstrap.ts';
import { machineProvisioned } from './infrastructure.ts';
import { escapeToken, parseSubject, subjectFilter, subjectFor, unescapeToken } from './subject.ts';

const object = { kind: 'RemoteMachine', namespace: 'team.a', name: 'm-0', uid: 'u1', cluster: 'demo' };
const at = new Date('2026-01-01T00:00:00Z');

describe('escapeToken', () => {
  it.each([
    ['demo-1', 'demo-1'],
    ['team.a', 'team_2ea'],
    ['', '_'],
    ['_', '_5f'],
    ['a b*>', 'a_20b_2a_3e'],
    ['ä', '_c3_a4'],
  ])('writes %j as %j', (text, token) => {
    expect(escapeToken(text)).toBe(token);
  });

  it('makes one valid token of any text, and gives the text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(escapeToken(text)).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(unescapeToken(escapeToken(text))).toBe(text);
      }),
    );
  });
});

describe('subjectFor', () => {
  it('names service, namespace, cluster, kind and fact', () => {
    const fact = machineProvisioned(object, { address: '192.0.2.10' }, at);
    expect(subjectFor(fact)).toBe('k0smotron.infrastructure.team_2ea.demo.remotemachine.provisioned');
  });

  it('of an audit fact is its own, and names the same parts', () => {
    const fact = tokenMinted(object, { tokenId: 'abcdef', role: 'worker', expiresAt: '2026-01-01T00:10:00Z' }, at);
    expect(subjectFor(fact)).toBe(`k0smotron.bootstrap.team_2ea.demo.remotemachine.token-minted.${fact.id}`);
    expect(parseSubject(subjectFor(fact))).toMatchObject({ namespace: 'team.a', fact: 'token-minted' });
  });

  it('writes _ where there is no cluster', () => {
    const { cluster: _, ...alone } = object;
    const subject = subjectFor(machineProvisioned(alone, { address: '192.0.2.10' }, at));
    expect(subject).toBe('k0smotron.infrastructure.team_2ea._.remotemachine.provisioned');
    expect(parseSubject(subject)).toMatchObject({ namespace: 'team.a', cluster: '' });
  });
});

describe('subjectFilter', () => {
  it('matches everything that is not given', () => {
    expect(subjectFilter({ service: 'bootstrap', fact: 'data-ready' })).toBe('k0smotron.bootstrap.*.*.*.data-ready');
    expect(subjectFilter()).toBe('k0smotron.*.*.*.*.>');
    expect(subjectFilter({ fact: 'token-minted', factClass: 'audit' })).toBe('k0smotron.*.*.*.*.token-minted.*');
  });
});

describe('parseSubject', () => {
  it.each(['other.a.b.c.d.e', 'k0smotron.a.b.c.d', 'k0smotron.a.b.c.d.e.', 'k0smotron.a.b.c.d.e.f.g'])(
    'refuses %s',
    (subject) => {
      expect(parseSubject(subject)).toBeUndefined();
    },
  );
});
