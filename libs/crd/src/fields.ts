import { z } from 'zod';
import type { CelRule } from './structural-schema.ts';

/** The one zod of this repository's declarations. Generators and tests only: services never load it (ER-1). */
export { z };

/** Any schema that a declaration may hold. */
export type Field = z.ZodType;

/** One CEL rule for `.meta(…)`; the message says what to write instead. */
export const celRule = (rule: string, message: string, options: Omit<CelRule, 'rule' | 'message'> = {}) =>
  celRules({ rule, message, ...options });

/** Several CEL rules on one node, for `.meta(…)`. */
export const celRules = (...rules: readonly CelRule[]) => ({ 'x-kubernetes-validations': rules });

/** Makes an array a map for server-side apply: entries merge by these keys. For `.meta(…)`. */
export const listMap = (...keys: readonly string[]) => ({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

/** Makes an object one value for server-side apply, as references are. For `.meta(…)`. */
export const atomicObject = { 'x-kubernetes-map-type': 'atomic' } as const;

/** Refuses an explicit empty object. For `.meta(…)`. */
export const notEmpty = { minProperties: 1 } as const;

/** Gives the generated TypeScript type of an object a name of its own. For `.meta(…)`; not part of the CRD. */
export const typeName = (name: string) => ({ title: name });

/** An object whose fields are another system's: nothing inside is pruned or checked. */
export const preserveUnknown = () => z.any().meta({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

/** A Kubernetes quantity such as `1Gi`, written as text or as a number. */
export const quantity = () =>
  z.any().meta({
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    pattern:
      '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
    'x-kubernetes-int-or-string': true,
  });

/** RFC 3339 time, as `metav1.Time` is stored. */
export const dateTime = () => z.string().meta({ format: 'date-time' });

/**
 * An embedded core type, cut from the pinned API server's OpenAPI (ER-1); the fragment is filled in by `toStructural`, which
 * throws when `libs/crd/generate/core-types.ts` never cut it.
 */
export const coreType = (apiVersion: 'batch/v1' | 'v1', kind: string) =>
  z.any().meta({ 'x-core-type': `${apiVersion}.${kind}` });

/** An object that has the fields of a core type beside its own, as Go embeds structs inline. */
export const withCoreFields = <T extends Record<string, z.ZodType>>(apiVersion: 'v1', kind: string, own: T) =>
  z.object(own).meta({ 'x-core-fields': `${apiVersion}.${kind}` });
