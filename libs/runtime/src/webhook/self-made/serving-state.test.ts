import { describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../testing/self-signed.ts';
import {
  begun,
  fromData,
  planMove,
  prepared,
  promoted,
  toData,
  type NewCertificate,
  type ServingState,
} from './serving-state.ts';

const start = new Date('2026-01-01T00:00:00Z');
const dayMs = 86_400_000;
const lifeMs = 90 * dayMs;
const after = (days: number): Date => new Date(start.getTime() + days * dayMs);

/** Its own authority, made on that day. */
function made(day: number, host = 'webhooks.example'): NewCertificate {
  const pair = selfSigned(host, [host], [after(day), after(day + 90)]);
  return { pair, authorityPem: pair.certPem };
}

const [first, second, third] = [made(0), made(50), made(100)];
const one = begun(first, undefined);
const two = prepared(second, one);

describe('planMove', () => {
  const circumstances = { now: after(1), host: 'webhooks.example', lifeMs, settled: false };

  it.each<[string, ServingState | undefined, object, string]>([
    ['nothing', undefined, {}, 'begin'],
    ['a new one', one, {}, 'keep'],
    ['one before half of its life', one, { now: after(44) }, 'keep'],
    ['one after half of its life', one, { now: after(46) }, 'prepare'],
    ['one whose life shall be shorter from now on', one, { lifeMs: dayMs }, 'keep'],
    ['one whose life shall be longer from now on', one, { lifeMs: 365 * dayMs }, 'prepare'],
    ['one that has ended', one, { now: after(91) }, 'begin'],
    ['one for another name', one, { host: 'other.example' }, 'begin'],
    ['one for a name where an address is called', one, { host: '192.0.2.1' }, 'begin'],
    ['a key of another', { ...one, pair: { ...first.pair, keyPem: second.pair.keyPem } }, {}, 'begin'],
    ['a foreign bundle', { ...one, bundle: second.authorityPem }, {}, 'begin'],
    ['what cannot be read', { pair: { certPem: 'x', keyPem: 'y' }, bundle: 'z' }, {}, 'begin'],
    ['a next one that is not known everywhere', two, { now: after(51) }, 'keep'],
    ['a next one that is', two, { now: after(51), settled: true }, 'promote'],
    ['a next one that cannot be read', { ...two, next: { certPem: 'x', keyPem: 'y' } }, { now: after(51) }, 'prepare'],
  ])('answers %s', (_, state, over, move) => {
    expect(planMove(state, { ...circumstances, ...over })).toBe(move);
  });
});

describe('the authorities to trust', () => {
  it('are that of the next one and that of the present one, until the turn after', () => {
    expect(one.bundle).toBe(first.authorityPem);
    expect(two).toEqual({ pair: first.pair, next: second.pair, bundle: second.authorityPem + first.authorityPem });
    const turned = promoted(two);
    expect(turned).toEqual({ pair: second.pair, bundle: two.bundle });
    expect(prepared(third, turned).bundle).toBe(third.authorityPem + second.authorityPem);
  });

  it('are not those of a next one that never came', () => {
    expect(prepared(third, two).bundle).toBe(third.authorityPem + first.authorityPem);
  });

  it('hold what is still served when all begins anew', () => {
    expect(begun(second, one).bundle).toBe(second.authorityPem + first.authorityPem);
    expect(begun(second, { ...one, pair: { certPem: 'x', keyPem: 'y' } }).bundle).toBe(second.authorityPem);
  });
});

describe('the Secret', () => {
  it.each([one, two])('gives back what was put in', (state) => {
    const data = Object.entries(toData(state)).filter((entry): entry is [string, string] => entry[1] !== null);
    expect(fromData(Object.fromEntries(data))).toEqual(state);
  });

  it('says nothing when a part is missing', () => {
    expect(fromData(undefined)).toBeUndefined();
    expect(fromData({ 'tls.crt': 'eA==', 'ca.crt': 'eA==' })).toBeUndefined();
  });
});
