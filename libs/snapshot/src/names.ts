/** Where a snapshot lies in its store. */
export interface SnapshotPlace {
  readonly namespace: string;
  /** Name of the control plane. */
  readonly controlPlane: string;
  /** Name of the EtcdSnapshot. */
  readonly snapshot: string;
}

/** Folder of one snapshot; by names alone, so that an object made anew finds what its predecessor stored (SR-10). */
export const folderOf = ({ namespace, controlPlane, snapshot }: SnapshotPlace): string =>
  `${namespace}/${controlPlane}/${snapshot}/`;

/** There is one at most, and it is written last: whoever finds it finds a whole snapshot. */
export const manifestName = (place: SnapshotPlace): string => `${folderOf(place)}manifest.json`;

/**
 * Files of one attempt. A name made of the content is not to be had, since a stream is named before it is read; so each attempt
 * has names of its own, and the manifest says which it was and what must be in it.
 */
export function attemptFiles(
  place: SnapshotPlace,
  attempt: string,
  encrypted: boolean,
): { readonly database: string; readonly pki: string } {
  const suffix = encrypted ? 'zst.age' : 'zst';
  const base = `${folderOf(place)}${attempt}`;
  return { database: `${base}.db.${suffix}`, pki: `${base}.pki.json.${suffix}` };
}
