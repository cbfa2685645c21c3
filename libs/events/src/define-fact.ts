import { rfc3339 } from '@k0smotron/core';
import type { Fact, FactClass, FactObject, Service } from './fact.ts';
import { factId } from './fact-id.ts';

/** Everything about one fact save its payload's schema, which only generators and tests load (ER-1). */
export interface FactDefinition<D extends object> {
  readonly service: Service;
  /** Past tense, lower case, words joined by hyphens: the last token of the subject. */
  readonly fact: string;
  readonly factClass: FactClass;
  /** The kinds it can be about. */
  readonly kinds: readonly string[];
  /** One sentence for the reference. */
  readonly summary: string;
  /**
   * Tells this transition from any other of the same fact on the same object. Empty where there can be only one in an
   * object's life. Made of what stays readable in Kubernetes, so that a restarted process derives the same id.
   */
  transition(details: D): string;
}

/** Makes a fact about an object; `at` is when it is told. */
export interface FactConstructor<D extends object> {
  (object: FactObject, details: D, at: Date): Fact<D>;
  readonly definition: FactDefinition<D>;
}

/** Declares one fact. */
export function defineFact<D extends object>(definition: FactDefinition<D>): FactConstructor<D> {
  const { service, fact, factClass } = definition;
  const construct = (object: FactObject, details: D, at: Date): Fact<D> => ({
    specversion: '1.0',
    id: factId(object.uid, object.kind, `${fact}:${definition.transition(details)}`),
    source: `/k0smotron/${service}`,
    type: typeFor(service, object.kind, fact),
    subject: `${object.kind}/${object.namespace}/${object.name}`,
    time: rfc3339(at),
    datacontenttype: 'application/json',
    factclass: factClass,
    data: { service, fact, object, details },
  });
  return Object.assign(construct, { definition });
}

/** CloudEvents `type`; a change that old readers cannot read gets a new last part. */
export const typeFor = (service: Service, kind: string, fact: string): string =>
  `io.k0smotron.${service}.${kind.toLowerCase()}.${fact}.v1`;
