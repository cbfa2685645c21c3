import type { Condition, KubeObject } from '@k0smotron/core';
import { withCondition, type ConditionInput } from '../condition.ts';
import { sameJson } from './same-json.ts';

/** An object's status as raw JSON. */
export type Status = Readonly<Record<string, unknown>>;

/** What a run leaves behind for the status. */
export interface StatusInput {
  readonly object: KubeObject;
  /** Without conditions. */
  readonly draft: Status;
  readonly reported: readonly ConditionInput[];
  /** Owned by the controller; all others in the list are left to their owners (C-05). */
  readonly conditionTypes: readonly string[];
  readonly now: Date;
}

/** The present status of an object; empty when it has none. */
export const statusOf = (object: KubeObject): Status => (object as { readonly status?: Status }).status ?? {};

/**
 * The status to apply, or undefined when it would change nothing. Own conditions that were not reported stay; transition
 * times move only with the status; conditions are sorted by type and carry the generation they were computed from.
 */
export function nextStatus({ object, draft, reported, conditionTypes, now }: StatusInput): Status | undefined {
  const { conditions: present = [], ...rest } = statusOf(object) as Status & {
    readonly conditions?: readonly Condition[];
  };
  const { generation } = object.metadata;
  const own = present.filter(({ type }) => conditionTypes.includes(type));
  const conditions = reported.reduce<readonly Condition[]>(
    (all, next) =>
      withCondition(all, generation === undefined ? next : { ...next, observedGeneration: generation }, now),
    own,
  );
  const fields = withoutNulls(draft) as Status;
  const unchanged = sameJson(fields, withoutNulls(rest)) && sameJson(byType(conditions), byType(own));
  if (unchanged) return undefined;
  return conditions.length > 0 ? { ...fields, conditions: byType(conditions) } : fields;
}

/** A status before a run, as the run wants it, and as it was stored. */
export interface Written {
  readonly before: Status;
  readonly wanted: Status;
  readonly written: Status;
}

/**
 * The fields that an apply left although the run dropped them, each as `null`, to be merged; undefined when there are none.
 * An apply takes away only what the record of owners (`managedFields`) says to be its own, and the API server drops that
 * record when it cannot convert it to the version of each owner: so in every other write while our conversion webhook does not
 * answer, the last one of a service that dies included.
 */
export function leftBehind({ before, wanted, written }: Written): Status | undefined {
  const left = Object.keys(before).flatMap((name): [string, unknown][] => {
    const [was, next, is] = [before[name], wanted[name], written[name]];
    if (name === 'conditions' || is === undefined) return []; // conditions have other owners, too
    if (next === undefined) return [[name, null]];
    if (!isObject(was) || !isObject(next) || !isObject(is)) return [];
    const inner = leftBehind({ before: was, wanted: next, written: is });
    return inner ? [[name, inner]] : [];
  });
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

const isObject = (value: unknown): value is Status =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byType = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1));

/** An apply must leave fields out rather than send `null`, which the server would store or refuse. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null && part !== undefined)
      .map(([name, part]) => [name, withoutNulls(part)]),
  );
}
