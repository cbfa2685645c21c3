import { defineFact, type FactConstructor } from './define-fact.ts';
import type { Service } from './fact.ts';

/** Audit facts that had been stored are no longer in the stream, or may not be. */
export interface AuditGapFound {
  /** Number of the last fact that the lost stream had acknowledged. */
  readonly lastSequence: number;
  /** Tells one stream from another. */
  readonly stream: string;
}

/** The fact by which a service says that its stream lost audit facts; it is about the ConfigMap with the head of its chain. */
export const auditGapFound = (service: Service): FactConstructor<AuditGapFound> =>
  defineFact<AuditGapFound>({
    service,
    kinds: ['ConfigMap'],
    factClass: 'audit',
    fact: 'audit-gap-found',
    summary: 'The stream lost audit facts of this service: it was made anew or put back to an older state.',
    transition: ({ stream, lastSequence }) => `${stream}:${lastSequence}`,
  });
