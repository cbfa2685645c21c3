import type { JsonObject, Path } from './json.ts';

/** Our two versions. */
export type VersionName = 'v1beta1' | 'v1beta2';

/** Says to which part of the other version a field belongs that the other version cannot say. */
export interface Guard {
  /** The version that has the field. */
  readonly version: VersionName;
  /** The field, and all below it. */
  readonly path: Path;
  /** Parts of the other version. While they are as they were, the field comes back; when none is named, always (SR-15). */
  readonly belongsTo: readonly Path[];
}

/** What is remembered of how a v1beta1 object was written, beside single fields. */
export type Hints = Readonly<Record<string, unknown>>;

/**
 * One difference between the versions. Both directions change a draft, by `setAt` and `takeAt` only: what they do not touch
 * is shared with the object that is converted, and stays as it is.
 */
export interface Rule {
  up(draft: JsonObject): void;
  down(draft: JsonObject, hints: Hints): void;
  /** How this v1beta1 object was written, where the same meaning has several spellings (SR-16). */
  hints?(v1beta1: JsonObject): Hints;
  readonly guards?: readonly Guard[];
}
