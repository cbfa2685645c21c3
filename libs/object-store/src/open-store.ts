import { openDirectoryStore } from './directory-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openS3Store, type S3Options } from './s3-store.ts';

/** Which store to open. */
export type StoreOptions =
  | ({ readonly kind: 's3' } & S3Options)
  | {
      readonly kind: 'directory';
      /** A folder of this host; it is made when it is missing. */
      readonly path: string;
    };

/** Opens a store; nothing is asked of it yet, so a wrong address or key is found out by the first call. */
export const openStore = (options: StoreOptions): Promise<ObjectStore> =>
  options.kind === 's3' ? openS3Store(options) : Promise.resolve(openDirectoryStore(options.path));
