import { isObject, setAt, valueAt, type JsonObject, type Path } from './json.ts';
import type { Rule } from './rule.ts';

const path: Path = ['status', 'failureDomains'];

const toList = (domains: JsonObject): JsonObject[] =>
  Object.keys(domains)
    .toSorted()
    .map((name) => ({ name, ...(isObject(domains[name]) ? domains[name] : {}) }));

const toMap = (domains: readonly unknown[]): JsonObject =>
  Object.fromEntries(domains.filter(isObject).map(({ name, ...domain }) => [String(name), domain]));

/** A map by name in the v1beta1 contract, a list with names in v1beta2. */
export const failureDomainsRule: Rule = {
  up: (draft) => {
    const domains = valueAt(draft, path);
    if (isObject(domains)) setAt(draft, path, toList(domains));
  },
  down: (draft) => {
    const domains = valueAt(draft, path);
    if (Array.isArray(domains)) setAt(draft, path, toMap(domains));
  },
  guards: [
    { version: 'v1beta1', path, belongsTo: [path] },
    { version: 'v1beta2', path, belongsTo: [path] },
  ],
};
