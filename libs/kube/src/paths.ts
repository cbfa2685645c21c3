import type { Kind, ObjectKey } from '@k0smotron/core';

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}`;
}

/**
 * Path of one object or of its subresource.
 *
 * @throws Error when the namespace of a namespaced kind is missing: a mistake in our code, else the call would hit another path.
 */
export function objectPath(kind: Kind, { namespace, name }: ObjectKey, subresource?: string): string {
  if (kind.namespaced && !namespace) throw new Error(`${kind.kind} ${name}: a namespace is needed`);
  if (!name) throw new Error(`${kind.kind}: a name is needed`);
  const tail = subresource ? `/${subresource}` : '';
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}${tail}`;
}
