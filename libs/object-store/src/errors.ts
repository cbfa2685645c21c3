/** No usable answer came: network, TLS, time, or a service that is not well. Trying again may help. */
export class StoreUnreachableError extends Error {
  override readonly name = 'StoreUnreachableError';
}

/** The store said no: credentials, rights, no such bucket. Trying again helps once somebody has changed that. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError';
}

/** There is an object of that name already, and it was not to be replaced. */
export class ObjectExistsError extends Error {
  override readonly name = 'ObjectExistsError';
}

/** There is no object of that name. */
export class ObjectNotFoundError extends Error {
  override readonly name = 'ObjectNotFoundError';
}
