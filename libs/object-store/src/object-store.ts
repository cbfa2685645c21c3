/** An object as a list shows it. */
export interface StoredObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** How an object is stored. */
export interface PutOptions {
  /** Refuse when there is one of that name already. Where two try at once, one of them wins. */
  readonly ifAbsent?: boolean;
}

/**
 * A place for whole objects. Names are paths of letters, digits and `.`, `_`, `-`, `:`; no part begins with a dot. All throw
 * StoreUnreachableError or StoreRefusedError, besides what they say.
 */
export interface ObjectStore {
  /**
   * Streams an object in. There is nothing of that name, or what was there before, until the last byte has come: a source that
   * fails, a connection that is cut or a process that dies leaves nothing that looks finished. Memory stays flat.
   *
   * @throws ObjectExistsError; whatever the source throws
   */
  put(name: string, source: AsyncIterable<Uint8Array>, options?: PutOptions, signal?: AbortSignal): Promise<void>;
  /** @throws ObjectNotFoundError, at the first piece */
  get(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
  /** `undefined` when there is none. */
  head(name: string, signal?: AbortSignal): Promise<StoredObject | undefined>;
  /** All whose names begin so, in no order. */
  list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject, void, undefined>;
  /** One that is not there any more is a success. */
  delete(name: string, signal?: AbortSignal): Promise<void>;
  /** Drops what puts that never ended have left under these names. Nobody may be putting there. */
  discardUnfinished(prefix: string, signal?: AbortSignal): Promise<void>;
  close(): void;
}
