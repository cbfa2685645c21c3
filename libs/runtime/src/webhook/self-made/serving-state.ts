import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { PemPair } from '../../http/diagnostics-server.ts';

/** What the replicas of a service share: the certificate of their webhooks, and whom to trust. */
export interface ServingState {
  /** Served now. */
  readonly pair: PemPair;
  /** Served as soon as every registration has its authority. */
  readonly next?: PemPair;
  /** Authorities that registrations name, PEM, one or two: the newest first. */
  readonly bundle: string;
}

/** A new certificate and the authority that signed it. Nobody keeps the authority's key, so it signs nothing else. */
export interface NewCertificate {
  readonly pair: PemPair;
  readonly authorityPem: string;
}

/** What is to be done about a certificate. */
export type Move = 'keep' | 'begin' | 'prepare' | 'promote';

/** By what a move is chosen. */
export interface Circumstances {
  readonly now: Date;
  /** Name or address that the API server calls. */
  readonly host: string;
  /** How long a new certificate is good for, in milliseconds. */
  readonly lifeMs: number;
  /** True once all API servers had time to learn of the present bundle. */
  readonly settled: boolean;
}

/**
 * One move at a time: a certificate is followed by another at half of its life, which is registered first and served later, so
 * that there is no moment at which a client does not trust what is served. Without a usable one it begins anew at once.
 */
export function planMove(state: ServingState | undefined, circumstances: Circumstances): Move {
  const { now, lifeMs, settled } = circumstances;
  if (!state || !usable(state.pair, state.bundle, circumstances)) return 'begin';
  if (state.next && usable(state.next, state.bundle, circumstances)) return settled ? 'promote' : 'keep';
  return endOf(state.pair) - now.getTime() < lifeMs / 2 ? 'prepare' : 'keep';
}

/** A certificate that replaces whatever there was; what was served until now is trusted on, for replicas that have not heard. */
export const begun = ({ pair, authorityPem }: NewCertificate, before: ServingState | undefined): ServingState => ({
  pair,
  bundle: [authorityPem, ...(before ? authoritiesOf(before) : [])].join(''),
});

/** A certificate that is registered and not served yet: both authorities are trusted. */
export const prepared = ({ pair, authorityPem }: NewCertificate, before: ServingState): ServingState => ({
  pair: before.pair,
  next: pair,
  bundle: [authorityPem, ...authoritiesOf(before)].join(''),
});

/** The next one is served. The authority of the last stays until the next turn, for replicas that have not heard. */
export const promoted = ({ pair, next, bundle }: ServingState): ServingState => ({ pair: next ?? pair, bundle });

/** When the certificate ends, in milliseconds since 1970. */
export const endOf = ({ certPem }: PemPair): number => new Date(new X509Certificate(certPem).validTo).getTime();

/** `data` of the Secret; null takes a key away. */
export function toData({ pair, next, bundle }: ServingState): Readonly<Record<string, string | null>> {
  const base64 = (text: string | undefined) =>
    text === undefined ? null : Buffer.from(text, 'utf8').toString('base64');
  return {
    'tls.crt': base64(pair.certPem),
    'tls.key': base64(pair.keyPem),
    'ca.crt': base64(bundle),
    'next.crt': base64(next?.certPem),
    'next.key': base64(next?.keyPem),
  };
}

/** Reads the Secret; undefined when something is missing. */
export function fromData(data: Readonly<Record<string, string>> | undefined): ServingState | undefined {
  const text = (key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
  const pairOf = (name: string): PemPair => ({ certPem: text(`${name}.crt`), keyPem: text(`${name}.key`) });
  const [pair, next, bundle] = [pairOf('tls'), pairOf('next'), text('ca.crt')];
  if (!pair.certPem || !pair.keyPem || !bundle) return undefined;
  return { pair, bundle, ...(next.certPem && next.keyPem ? { next } : {}) };
}

/** Whether a server may present it at this host now; false for what cannot be read, too. */
function usable(pair: PemPair, bundle: string, { now, host }: Circumstances): boolean {
  try {
    const certificate = new X509Certificate(pair.certPem);
    const named = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
    return (
      named !== undefined &&
      certificate.checkPrivateKey(createPrivateKey(pair.keyPem)) &&
      new Date(certificate.validTo) > now &&
      split(bundle).some((authority) => signed(certificate, authority))
    );
  } catch {
    return false;
  }
}

/** Those that clients need for what is served now. */
function authoritiesOf({ pair, bundle }: ServingState): string[] {
  try {
    const certificate = new X509Certificate(pair.certPem);
    return split(bundle).filter((authority) => signed(certificate, authority));
  } catch {
    return [];
  }
}

function signed(certificate: X509Certificate, authorityPem: string): boolean {
  const authority = new X509Certificate(authorityPem);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

const split = (bundle: string): string[] =>
  bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
