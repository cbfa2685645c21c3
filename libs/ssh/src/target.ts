/** One host to reach over SSH. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** PEM or OpenSSH form, without passphrase. */
  readonly privateKey: string | Buffer;
  /**
   * Pinned host key as OpenSSH prints it (`SHA256:…`). When set, another key is refused; when not, the first key seen is
   * trusted and `session.hostKey` tells which one to pin (SR-1).
   */
  readonly hostKeySha256?: string;
  /** From the first packet to a usable session; 15 seconds unless told. */
  readonly readyTimeoutMs?: number;
  /**
   * How often a session in which nothing is said is asked whether sshd still answers; 10 seconds unless told. Three times
   * without an answer end it. A host that is gone is noticed by TCP, sooner than in half a minute, unless words are under way.
   */
  readonly keepaliveMs?: number;
}

/** `user@host:port`, as messages name a target. */
export const nameOf = ({ user, host, port }: Pick<SshTarget, 'user' | 'host' | 'port'>): string =>
  `${user}@${addressOf({ host, port })}`;

/** `host:port`, with brackets around an IPv6 address. */
export const addressOf = ({ host, port }: Pick<SshTarget, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
