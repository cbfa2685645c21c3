import { apiVersionOf, type Kind, type KubeObject } from '@k0smotron/core';
import { ConflictError } from '../src/errors.ts';

type Json = Record<string, unknown>;

/** An object on its way into the store. */
export type Stored = { metadata: { name: string; namespace?: string } } & Json;

/** What must be true of the stored object. */
export interface Precondition {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Throws ConflictError when the stored object is another one or another version. */
export function assertSame(kind: Kind, { metadata }: KubeObject, { uid, resourceVersion }: Precondition): void {
  if ((uid ?? metadata.uid) !== metadata.uid) {
    throw new ConflictError(409, 'Conflict', `${kind.plural} "${metadata.name}": uid mismatch`);
  }
  if ((resourceVersion ?? metadata.resourceVersion) !== metadata.resourceVersion) {
    throw new ConflictError(409, 'Conflict', `${kind.plural} "${metadata.name}": the object has been modified`);
  }
}

/** Metadata that the server owns; nobody can own it by applying. */
const serverMetadata = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
];

/** The fields of a write that can be owned, in the part that it is for. */
export function partOf(object: Stored, part: 'main' | 'status'): Json {
  const { status, metadata, ...rest } = object as Stored & { status?: unknown };
  if (part === 'status') return status === undefined ? {} : { status };
  const own = Object.fromEntries(Object.entries(metadata).filter(([field]) => !serverMetadata.includes(field)));
  return structuredClone({ ...rest, metadata: own });
}

/** All fields of an object that can be owned. */
export const ownable = (object: KubeObject): Json => {
  const stored = object as unknown as Stored;
  return { ...partOf(stored, 'main'), ...partOf(stored, 'status') };
};

/** What the server itself makes of an object: names of the kind, `stringData` of Secrets. */
export function normalised<T extends KubeObject>(kind: Kind<T>, object: Stored): Stored {
  const named = { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
  if (kind.group !== '' || kind.kind !== 'Secret') return named;
  const { stringData, ...secret } = named as Stored & {
    stringData?: Record<string, string>;
    data?: Json;
    type?: string;
  };
  const data: Json = { ...secret.data };
  for (const [key, text] of Object.entries(stringData ?? {})) data[key] = Buffer.from(text).toString('base64');
  return { ...secret, ...(Object.keys(data).length > 0 ? { data } : {}), type: secret.type ?? 'Opaque' };
}
