import { SnapshotDamagedError } from './damaged.ts';
import type { Measure } from './measured.ts';
import { readObject, type Shape, type Shaped } from './read-object.ts';

/** What a manifest of this service calls itself. Another number will mean another shape. */
export const manifestFormat = 'k0smotron.io/etcd-snapshot/v1';

const measure = { sizeBytes: 'count', sha256: 'digest' } as const satisfies Shape;
const storedFile = { name: 'text', ...measure } as const satisfies Shape;

const shape = {
  format: 'text',
  /** Of the EtcdSnapshot. */
  snapshot: { namespace: 'text', name: 'text' },
  controlPlane: {
    apiGroup: 'text',
    kind: 'text',
    name: 'text',
    /** Under which etcd keeps Kubernetes' objects; a restored plane must look there too (SR-14). */
    etcdPrefix: 'text',
    k0sVersion: 'text?',
  },
  etcd: {
    clusterId: 'text',
    version: 'text',
    /** The one whose database it is. */
    memberId: 'text',
    members: [{ id: 'text', name: 'text', learner: 'flag' }],
  },
  /** Linearizable readings before the stream and after it: the snapshot's own revision lies between (SR-13). */
  before: { revision: 'count', keys: 'count' },
  after: { revision: 'count', keys: 'count' },
  /** The member's hash up to `before.revision`, to compare a trial restore with. */
  hash: { hash: 'count', compactRevision: 'integer', revision: 'count' },
  /** A key that was written just before, which a restored etcd must have. */
  marker: { key: 'text', value: 'text' },
  /** RFC 3339. */
  takenAt: 'text',
  /** The database with its digest, as `etcdctl snapshot save` writes it. */
  database: measure,
  /** The database as it lies in the store. */
  file: { ...storedFile, compression: 'text', encryption: 'text' },
  /** Authorities and keys of the plane as they lie in the store; missing when nothing could seal them. */
  pki: { optional: storedFile },
} as const satisfies Shape;

/** All that must be known of a snapshot to judge and restore it. Written last: a snapshot without a manifest is none. */
export type Manifest = Shaped<typeof shape>;

/** A file in a store, and what it must be. */
export type StoredFile = Measure & { readonly name: string };

/** As it lies in the store: JSON that people can read. */
export const renderManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** Reads what {@link renderManifest} wrote. @throws SnapshotDamagedError when it is none of ours, or of a newer service */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text);
  const { format } = Object(value) as { readonly format?: unknown };
  if (format !== manifestFormat) throw new SnapshotDamagedError(`a manifest of the format ${String(format)}`);
  return readObject(shape, value, 'manifest');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SnapshotDamagedError('the manifest is no JSON', { cause });
  }
}
