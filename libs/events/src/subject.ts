import type { Fact } from './fact.ts';

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

/** Where a fact is published: `k0smotron.<service>.<namespace>.<cluster>.<kind>.<fact>`, the kind in lower case. */
export function subjectFor({ data: { service, fact, object } }: Fact): string {
  return subjectOf({ service, namespace: object.namespace, cluster: object.cluster ?? '', kind: object.kind, fact });
}

/** What to subscribe to: tokens that are not given match everything. */
export function subjectFilter(parts: Partial<SubjectParts> = {}): string {
  return subjectOf(parts);
}

/** The names in a subject, or undefined when it is not one of ours. */
export function parseSubject(subject: string): SubjectParts | undefined {
  const [root, service, namespace, cluster, kind, fact, ...rest] = subject.split('.');
  if (root !== subjectRoot || rest.length > 0) return undefined;
  if (!service || !namespace || !cluster || !kind || !fact) return undefined;
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
