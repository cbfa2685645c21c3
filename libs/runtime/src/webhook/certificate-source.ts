import type { Clock, Logger } from '@k0smotron/core';
import type { PemPair } from '../http/diagnostics-server.ts';
import { followCertificate, readCertificate, type CertificateFiles } from './certificate-files.ts';

/** Where the certificate of the listeners comes from. */
export interface CertificateSource {
  /** The pair to begin with. @throws ConfigError when it cannot be had. */
  read(signal: AbortSignal): Promise<PemPair>;
  /** Tells of each pair after the first, until the signal aborts. */
  follow(onChange: (pair: PemPair) => void, signal: AbortSignal): Promise<void>;
  /** @throws while the API server has not been told of the certificate by us; absent where others tell it. */
  check?(): void;
}

/** Files that somebody else writes and renews: cert-manager by way of a mounted Secret, or an operator. */
export function filesSource(
  files: CertificateFiles,
  ports: { readonly clock: Clock; readonly logger: Logger },
): CertificateSource {
  let present: PemPair | undefined;
  const read = async (): Promise<PemPair> => (present = await readCertificate(files));
  return {
    read,
    follow: async (onChange, signal) =>
      followCertificate(files, { ...ports, present: present ?? (await read()), onChange }, signal),
  };
}
