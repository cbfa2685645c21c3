export { ObjectExistsError, ObjectNotFoundError, StoreRefusedError, StoreUnreachableError } from './errors.ts';
export type { ObjectStore, PutOptions, StoredObject } from './object-store.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type { S3Options } from './s3-store.ts';
