import type { Fact, FactClass } from './fact.ts';

/** First token of every subject. */
export const subjectRoot = 'k0smotron';

/** All facts of all services: what the stream stores. */
export const allSubjects = `${subjectRoot}.>`;

/** The tokens of a subject by name, unescaped. `cluster` is empty where the object belongs to none. */
export interface SubjectParts {
  readonly service: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly kind: string;
  readonly fact: string;
}

/**
 * One subject token for any text, one text for any token: a dot in a name would otherwise make two tokens of it, and `*` or
 * `>` a wildcard. Letters, digits and hyphens stay, other bytes become `_` and two hexadecimal digits, nothing becomes `_`.
 */
export function escapeToken(text: string): string {
  if (text === '') return '_';
  const hex = (character: string): string => Buffer.from(character).toString('hex').replace(/../g, '_$&');
  return text.replace(/[^A-Za-z0-9-]/gu, hex);
}

/** The reverse of {@link escapeToken}. */
export function unescapeToken(token: string): string {
  if (token === '_') return '';
  const bytes = (escapes: string): string => Buffer.from(escapes.replaceAll('_', ''), 'hex').toString();
  return token.replace(/(?:_[0-9a-f]{2})+/g, bytes);
}

/**
 * Where a fact is published: `k0smotron.<service>.<namespace>.<cluster>.<kind>.<fact>`, the kind in lower case. An audit fact
 * has its id as one more token, since a subject of its own is what makes a repeat a no-op for ever (SR-8).
 */
export function subjectFor({ id, factclass, data: { service, fact, object } }: Fact): string {
  const { namespace, cluster = '', kind } = object;
  const subject = subjectOf({ service, namespace, cluster, kind, fact });
  return factclass === 'audit' ? `${subject}.${id}` : subject;
}

/**
 * What to subscribe to: tokens that are not given match everything. With `fact` give the class too: an audit fact's subject
 * has one token more.
 */
export function subjectFilter({ factClass, ...parts }: Partial<SubjectParts> & { factClass?: FactClass } = {}): string {
  const filter = subjectOf(parts);
  if (factClass === 'audit') return `${filter}.*`;
  if (factClass === 'state' || parts.fact !== undefined) return filter;
  return filter.replace(/\*$/, '>');
}

/** The names in a subject, or undefined when it is not one of ours. */
export function parseSubject(subject: string): SubjectParts | undefined {
  const [root, service, namespace, cluster, kind, fact, id, ...rest] = subject.split('.');
  if (root !== subjectRoot || rest.length > 0) return undefined;
  if (!service || !namespace || !cluster || !kind || !fact || id === '') return undefined;
  return {
    service: unescapeToken(service),
    namespace: unescapeToken(namespace),
    cluster: unescapeToken(cluster),
    kind: unescapeToken(kind),
    fact: unescapeToken(fact),
  };
}

function subjectOf({ service, namespace, cluster, kind, fact }: Partial<SubjectParts>): string {
  const tokens = [service, namespace, cluster, kind?.toLowerCase(), fact];
  return [subjectRoot, ...tokens.map((token) => (token === undefined ? '*' : escapeToken(token)))].join('.');
}
