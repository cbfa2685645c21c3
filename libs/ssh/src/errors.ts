/** The host shows another key than the pinned one: somebody must decide. Retrying alone cannot help. */
export class HostKeyChangedError extends Error {
  override readonly name = 'HostKeyChangedError';
  readonly expected: string;
  readonly seen: string;

  constructor(address: string, fingerprints: { readonly expected: string; readonly seen: string }) {
    const { expected, seen } = fingerprints;
    super(
      `${address} shows host key ${seen}, but ${expected} is pinned. If the machine was re-installed on purpose, ` +
        `replace the pin by the new fingerprint; otherwise somebody else answers at this address`,
    );
    this.expected = expected;
    this.seen = seen;
  }
}

/** The host was reached but did not let us in, or our key cannot be used: the user, the key or the host must change. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
}

/** No usable connection, or it broke: worth another try later. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/** A command ran longer than its caller allowed and was killed. */
export class CommandTimeoutError extends Error {
  override readonly name = 'CommandTimeoutError';
}
