import { apiVersionOf, type Kind, type KubeObject } from '@k0smotron/core';

/**
 * Gives an object the name of the kind that was asked for: items of lists come without it, and metadata-only objects are
 * called PartialObjectMetadata. Owner references need the real one.
 */
export function asKind<T extends KubeObject>(kind: Kind<T>, object: T): T {
  const apiVersion = apiVersionOf(kind);
  if (object.kind === kind.kind && object.apiVersion === apiVersion) return object;
  return { ...object, apiVersion, kind: kind.kind };
}
