import type { Finding, Kind, KubeObject } from '@k0smotron/core';
import type { AdmissionHandler, AdmissionRequest, AdmissionResponse } from './handlers.ts';

/**
 * One rule: pure, from the object and on updates from what is stored. Schemas have already let the object pass; what is
 * stored may be older than a schema's rule, so nothing that `old` lacks may make a check throw.
 */
export type Check<T> = (object: T, old: T | undefined) => readonly Finding[];

/** A validating webhook with what its registration needs. */
export interface ValidatingWebhook extends AdmissionHandler {
  /** Of the webhook in its configuration; the original's names, so that they are known to whoever excludes them. */
  readonly name: string;
  /** The stored version: requests in others are converted first (`matchPolicy: Equivalent`). */
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
}

/** A webhook is its kind and its checks. */
export interface ValidationOptions<T> {
  readonly kind: Kind;
  /** Writes to a subresource pass the object's own webhook by: `scale`. */
  readonly subresource?: 'scale';
  readonly checks: readonly Check<T>[];
}

/** Makes the webhook of a kind. */
export function validatingWebhook<T extends KubeObject>(options: ValidationOptions<T>): ValidatingWebhook {
  const { kind, subresource, checks } = options;
  const suffix = subresource ? `-${subresource}` : '';
  const word = kind.kind.toLowerCase();
  return {
    name: `validate-${word}${suffix}-${kind.version}.k0smotron.io`,
    path: `/validate-${kind.group.replaceAll('.', '-')}-${kind.version}-${word}${suffix}`,
    resource: {
      group: kind.group,
      version: kind.version,
      resource: subresource ? `${kind.plural}/${subresource}` : kind.plural,
    },
    review: (request) => review(request, checks),
  };
}

/**
 * What the stored object already has is never refused, else a rule of a new release would take updates away from the objects
 * of an old one; it is told as a warning instead.
 */
function review<T extends KubeObject>(request: AdmissionRequest, checks: readonly Check<T>[]): AdmissionResponse {
  const object = request.object as T | null | undefined;
  if (!object || object.metadata.deletionTimestamp !== undefined) return { allowed: true };
  const old = request.operation === 'UPDATE' ? ((request.oldObject as T | null | undefined) ?? undefined) : undefined;
  const known = old ? countByKey(findings(old, undefined, checks)) : new Map<string, number>();

  const errors: string[] = [];
  const warnings: string[] = [];
  for (const finding of findings(object, old, checks)) {
    const text = `${finding.field}: ${finding.message}`;
    if (finding.warning) warnings.push(text);
    else if (takeOne(known, keyOf(finding))) warnings.push(`${text} (kept, since it was so before)`);
    else errors.push(text);
  }
  return errors.length > 0 ? { allowed: false, message: errors.join('; '), warnings } : { allowed: true, warnings };
}

const findings = <T>(object: T, old: T | undefined, checks: readonly Check<T>[]): Finding[] =>
  checks.flatMap((check) => check(object, old));

/** Without indexes: an item before it may have come or gone. */
const keyOf = ({ field, message }: Finding): string => `${field.replace(/\[\d+\]/g, '[]')} ${message}`;

function countByKey(found: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const finding of found) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  return counts;
}

function takeOne(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  counts.set(key, left - 1);
  return left > 0;
}
