import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tokenMinted } from './bootstrap.ts';
import { canonicalJson } from './canonical-json.ts';
import { emptyChain, endAfter, isSealed, keyIdOf, sealFact, type SealedFact } from './chain.ts';
import { verifyChain } from './verify-chain.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const sealer = { epoch: 'lease/1', privateKey };
const publicKeys = new Map([[keyIdOf(publicKey), publicKey]]);
const object = { kind: 'K0sWorkerConfig', namespace: 'default', name: 'w-0', uid: 'u1' };
const fact = (tokenId: string) =>
  tokenMinted(object, { tokenId, role: 'worker', expiresAt: '2026-01-01T00:10:00Z' }, new Date(0));

function chainOf(count: number): readonly SealedFact[] {
  const sealed: SealedFact[] = [];
  for (let at = 0; at < count; at += 1) {
    const last = sealed.at(-1);
    sealed.push(sealFact(fact(`t${at}`), last ? endAfter(last) : emptyChain, sealer));
  }
  return sealed;
}

const problemsOf = (facts: readonly SealedFact[]) => verifyChain(facts, { publicKeys });

describe('a chain of audit facts', () => {
  const chain = chainOf(5);
  const [first, second, third] = chain as [SealedFact, SealedFact, SealedFact];

  it('is whole as sealed, in any order, with repeats and after a way through JSON', () => {
    const wire = chain.map((sealed) => JSON.parse(JSON.stringify(sealed)) as SealedFact);
    fc.assert(
      fc.property(fc.shuffledSubarray([...wire, ...wire], { minLength: 10 }), (facts) => {
        expect(problemsOf(facts)).toEqual([]);
      }),
    );
  });

  it('shows a fact that was taken away, at the end too', () => {
    expect(problemsOf(chain.filter((sealed) => sealed !== second))).toEqual([{ kind: 'gap', from: 2, to: 2 }]);
    const end = endAfter(chain.at(-1) as SealedFact);
    expect(verifyChain(chain.slice(0, 3), { publicKeys, end })).toEqual([{ kind: 'gap', from: 4, to: 5 }]);
    expect(verifyChain([], { publicKeys, end })).toEqual([{ kind: 'gap', from: 1, to: 5 }]);
    expect(verifyChain(chain, { publicKeys, end })).toEqual([]);
  });

  it('shows a fact that was changed', () => {
    const changed = { ...second, subject: 'K0sWorkerConfig/default/other' };
    expect(problemsOf([first, changed, third])).toEqual([
      { kind: 'forged', sequence: 2, id: second.id },
      { kind: 'broken', sequence: 3 },
    ]);
  });

  it('shows two facts with one number', () => {
    const other = sealFact(fact('other'), endAfter(first), { ...sealer, epoch: 'copy/1' });
    expect(problemsOf([first, second, other])).toEqual([{ kind: 'fork', sequence: 2, ids: [second.id, other.id] }]);
  });

  it('shows a foreign signer', () => {
    const foreign = sealFact(fact('f'), endAfter(first), {
      ...sealer,
      privateKey: generateKeyPairSync('ed25519').privateKey,
    });
    expect(problemsOf([first, foreign])).toMatchObject([{ kind: 'unknown-key', sequence: 2 }]);
    expect(problemsOf([first, { ...foreign, chainkey: first.chainkey }])).toMatchObject([{ kind: 'forged' }]);
  });

  it('knows sealed facts from others', () => {
    expect([isSealed(first), isSealed(fact('x'))]).toEqual([true, false]);
  });
});

describe('canonicalJson', () => {
  it('is the same for any order of keys', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}');
  });
});
