import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Fact } from './fact.ts';

/** What sealing adds to an audit fact, as CloudEvents extension attributes (SR-8). */
export interface ChainSeal {
  /** 1 for the first fact of a service, without gaps. */
  readonly chainsequence: number;
  /** Hash of the fact before; empty for the first. */
  readonly chainprevious: string;
  /** The leadership that sealed it. */
  readonly chainepoch: string;
  /** {@link keyIdOf} the public key. */
  readonly chainkey: string;
  /** Ed25519 over the canonical JSON of the event without this attribute, base64. */
  readonly chainsignature: string;
}

/** An audit fact with its place in the chain of its service. */
export type SealedFact = Fact & ChainSeal;

/** The end of a chain. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: string;
}

/** A chain without facts. */
export const emptyChain: ChainEnd = { sequence: 0, hash: '' };

/** Who seals. */
export interface Sealer {
  readonly epoch: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

/** Puts a fact behind the end of a chain. */
export function sealFact(fact: Fact, { sequence, hash }: ChainEnd, { epoch, privateKey }: Sealer): SealedFact {
  const unsigned: Omit<SealedFact, 'chainsignature'> = {
    ...fact,
    chainsequence: sequence + 1,
    chainprevious: hash,
    chainepoch: epoch,
    chainkey: keyIdOf(createPublicKey(privateKey)),
  };
  const signature = sign(null, Buffer.from(canonicalJson(unsigned)), privateKey);
  return { ...unsigned, chainsignature: signature.toString('base64') };
}

/** Where a chain ends after this fact. */
export const endAfter = (sealed: SealedFact): ChainEnd => ({
  sequence: sealed.chainsequence,
  hash: createHash('sha256').update(signedText(sealed)).digest('hex'),
});

/** What the signature is over. */
export function signedText({ chainsignature: _, ...rest }: SealedFact): string {
  return canonicalJson(rest);
}

/** Names a public key: the first 64 bits of SHA-256 over its DER form, in hexadecimal. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** Whether a fact carries a seal; says nothing about its truth. */
export const isSealed = (fact: Fact): fact is SealedFact =>
  typeof (fact as Partial<SealedFact>).chainsequence === 'number' &&
  typeof (fact as Partial<SealedFact>).chainsignature === 'string';
