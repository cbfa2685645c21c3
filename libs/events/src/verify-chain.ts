import { verify, type KeyObject } from 'node:crypto';
import { emptyChain, endAfter, signedText, type ChainEnd, type SealedFact } from './chain.ts';

/** What is wrong with a chain, as an auditor would ask about it. */
export type ChainProblem =
  /** Facts from `from` to `to` (both included) are not there. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  /** Two different facts have this number: two processes or two copies of the installation sealed. */
  | { readonly kind: 'fork'; readonly sequence: number; readonly ids: readonly string[] }
  /** This fact does not follow the one before it, which was therefore another one when it was sealed. */
  | { readonly kind: 'broken'; readonly sequence: number }
  /** The signature is not that of the key, so the fact was changed or made by somebody else. */
  | { readonly kind: 'forged'; readonly sequence: number; readonly id: string }
  /** Signed by a key that we were not given. */
  | { readonly kind: 'unknown-key'; readonly sequence: number; readonly key: string };

/** What a chain is held against. */
export interface VerifyOptions {
  /** By {@link keyIdOf}. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** The head that Kubernetes shows: facts up to it must be there. */
  readonly end?: ChainEnd;
}

/** Every problem of one service's audit facts, in any order and with repeats; empty when the chain is whole. */
export function verifyChain(facts: readonly SealedFact[], { publicKeys, end }: VerifyOptions): readonly ChainProblem[] {
  const problems: ChainProblem[] = [];
  const numbered = Map.groupBy(facts, ({ chainsequence }) => chainsequence);
  let last: ChainEnd = emptyChain;
  for (const [sequence, tellings] of [...numbered].sort(([a], [b]) => a - b)) {
    const [first] = tellings;
    if (!first) continue;
    const hashes = new Set(tellings.map((fact) => endAfter(fact).hash));
    if (hashes.size > 1) problems.push({ kind: 'fork', sequence, ids: tellings.map(({ id }) => id) });
    for (const fact of tellings) problems.push(...signatureProblems(fact, publicKeys));
    if (sequence > last.sequence + 1) problems.push({ kind: 'gap', from: last.sequence + 1, to: sequence - 1 });
    else if (!tellings.some(({ chainprevious }) => chainprevious === last.hash))
      problems.push({ kind: 'broken', sequence });
    last = endAfter(first);
  }
  if (end && end.sequence > last.sequence) problems.push({ kind: 'gap', from: last.sequence + 1, to: end.sequence });
  else if (end?.sequence === last.sequence && end.hash !== last.hash)
    problems.push({ kind: 'broken', sequence: last.sequence });
  return problems;
}

function signatureProblems(fact: SealedFact, publicKeys: VerifyOptions['publicKeys']): readonly ChainProblem[] {
  const { chainkey, chainsequence: sequence, chainsignature, id } = fact;
  const key = publicKeys.get(chainkey);
  if (!key) return [{ kind: 'unknown-key', sequence, key: chainkey }];
  const good = verify(null, Buffer.from(signedText(fact)), key, Buffer.from(chainsignature, 'base64'));
  return good ? [] : [{ kind: 'forged', sequence, id }];
}
