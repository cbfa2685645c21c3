/** No usable answer came: connection, TLS or time. Trying again may help; nothing is known about what etcd did. */
export class EtcdUnreachableError extends Error {
  override readonly name = 'EtcdUnreachableError';
}

/** Etcd answered no. `code` is the gRPC status (9 = not in a state to do it, 5 = no such member). */
export class EtcdRefusedError extends Error {
  override readonly name = 'EtcdRefusedError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** gRPC status codes that we tell apart. */
export const grpcStatus = {
  ok: 0,
  deadlineExceeded: 4,
  notFound: 5,
  failedPrecondition: 9,
  outOfRange: 11,
  unavailable: 14,
} as const;
