/** What proves who we are, and whom we trust. */
export interface Credentials {
  readonly token?: string;
  readonly caPem?: string;
  readonly clientCertPem?: string;
  readonly clientKeyPem?: string;
}

/**
 * Gives the credentials of the moment; asked before every call, so it must be cheap. `renew` is set after the server refused
 * the last ones: look again, whatever was remembered.
 */
export type CredentialSource = (options: { readonly renew: boolean }) => Promise<Credentials>;

/** One API server and how to be let in. */
export interface KubeConfig {
  /** `https://host:port`, with a path prefix when the server sits behind one. */
  readonly server: string;
  readonly caPem?: string;
  readonly clientCertPem?: string;
  readonly clientKeyPem?: string;
  readonly token?: string | (() => string);
  /** Credentials that can change while we run; each field it gives goes before the fixed ones above. */
  readonly credentials?: CredentialSource;
  /** An HTTP CONNECT proxy. */
  readonly proxyUrl?: string;
  /** Name to expect in the server's certificate, when it is not the host of `server`. */
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** Namespace of the context, or of the pod that we run in. */
  readonly namespace?: string;
}
