import type { KubeObject } from '@k0smotron/core';
import { sortedJson } from './json.ts';
import type { Fields, Propagated } from './propagated.ts';
import { recordAfter, recordAnnotation, recordAnnotations, recordIn } from './propagation-record.ts';

/**
 * The merge patch that brings an object to what the template says now, without a new machine (CP-24); undefined when it is so
 * already. Fields that came from elsewhere stay as they are. `own` are labels that come back when somebody takes them away.
 */
export function planPropagation(live: KubeObject, wanted: Propagated, own: Fields): object | undefined {
  const { metadata, spec = {} } = live as KubeObject & { readonly spec?: Fields };
  const before = recordIn(metadata.annotations);
  const record: Fields = recordAnnotations(recordAfter(before, wanted));
  const annotations = {
    ...changes(metadata.annotations, wanted.annotations, before.annotations),
    ...changes(metadata.annotations, record, [recordAnnotation]),
  };
  const labels = changes(metadata.labels, { ...wanted.labels, ...own }, wanted.labels && before.labels);
  const deletion = changes(spec['deletion'] as Fields | undefined, wanted.deletion, before.deletion);
  return some({
    metadata: some({ labels: some(labels), annotations: some(annotations) }),
    spec: some({
      ...changes(spec, wanted.spec, before.spec),
      ...changes(spec, wanted.taints, before.taints),
      deletion: some(deletion),
    }),
  });
}

/** What differs: null for those that were ours and are no longer wanted. */
function changes(live: Fields = {}, wanted: Fields | undefined, ours: readonly string[] = []): Fields {
  if (!wanted) return {};
  const gone = ours.filter((key) => !(key in wanted) && key in live).map((key) => [key, null] as const);
  const set = Object.entries(wanted).filter(([key, value]) => sortedJson(live[key]) !== sortedJson(value));
  return Object.fromEntries([...gone, ...set]);
}

/** The fields that say something, if any do. */
function some(fields: Fields): Fields | undefined {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}
