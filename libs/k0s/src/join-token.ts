import { randomInt } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { rfc3339, type Intent, type KubeObject } from '@k0smotron/core';

/** Who joins with a token. */
export type JoinRole = 'worker' | 'controller';

/** A Kubernetes bootstrap token; `secret` is a credential, `id` is not. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** The Secret in `kube-system` that makes a bootstrap token valid. */
export interface BootstrapTokenSecret extends KubeObject {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

/** How long a new token is valid; while its machine has not joined the caller extends it, once joined it is deleted. */
export const joinTokenLifetimeMs = 30 * 60_000;

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A new token from unbiased random numbers: `random(n)` gives 0 ≤ x < n, node's generator unless told. */
export function newBootstrapToken(random: (below: number) => number = randomInt): BootstrapToken {
  const letters = (length: number): string =>
    Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join('');
  return { id: letters(6), secret: letters(16) };
}

/** Name of the Secret of a token: fixed by Kubernetes. */
export const bootstrapTokenSecretName = (tokenId: string): string => `bootstrap-token-${tokenId}`;

/** What a token's Secret needs. */
export interface BootstrapTokenSecretOptions {
  readonly token: BootstrapToken;
  readonly role: JoinRole;
  readonly expiresAt: Date;
  /** Shown to people who list tokens; never secret. */
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const usages: Readonly<Record<JoinRole, Readonly<Record<string, string>>>> = {
  worker: {
    'usage-bootstrap-api-auth': 'true',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-api-worker-calls': 'true',
  },
  controller: {
    'usage-bootstrap-api-auth': 'true',
    'usage-bootstrap-authentication': 'false',
    'usage-bootstrap-signing': 'false',
    'usage-controller-join': 'true',
  },
};

/** The Secret to create in the workload cluster before the token is handed out. */
export function bootstrapTokenSecret(options: BootstrapTokenSecretOptions): Intent<BootstrapTokenSecret> {
  const { token, role, expiresAt, description, labels } = options;
  const fields = {
    'token-id': token.id,
    'token-secret': token.secret,
    expiration: rfc3339(expiresAt),
    description,
    ...usages[role],
  };
  return {
    metadata: {
      name: bootstrapTokenSecretName(token.id),
      namespace: 'kube-system',
      ...(labels ? { labels } : {}),
    },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, toBase64(value)])),
  };
}

/** When a token's Secret stops being valid, from its `data`; `undefined` when it does not say. */
export function tokenExpiration(data: Readonly<Record<string, string>> | undefined): Date | undefined {
  const expiration = new Date(Buffer.from(data?.expiration ?? '', 'base64').toString('utf8'));
  return Number.isNaN(expiration.getTime()) ? undefined : expiration;
}

/** A merge patch that moves a token's end, while its machine has not joined yet. */
export const tokenExtension = (expiresAt: Date): { readonly data: { readonly expiration: string } } => ({
  data: { expiration: toBase64(rfc3339(expiresAt)) },
});

/** What a join token tells a machine. */
export interface JoinToken {
  readonly role: JoinRole;
  /** Kubernetes API for workers (`https://host:6443`), k0s API for controllers (`https://host:9443`). */
  readonly server: string;
  readonly caPem: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
}

const userOf: Readonly<Record<JoinRole, string>> = {
  worker: 'kubelet-bootstrap',
  controller: 'controller-bootstrap',
};

/** The text that `k0s install --token-file` reads: a kubeconfig, gzipped, in base64. It is a credential. */
export function encodeJoinToken({ role, server, caPem, tokenId, tokenSecret }: JoinToken): string {
  const user = userOf[role];
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'k0s', cluster: { server, 'certificate-authority-data': toBase64(caPem) } }],
    contexts: [{ name: 'k0s', context: { cluster: 'k0s', user } }],
    'current-context': 'k0s',
    users: [{ name: user, user: { token: `${tokenId}.${tokenSecret}` } }],
  };
  // JSON is YAML; level 9 as k0s itself uses, and no time stamp, so the same token gives the same text.
  return gzipSync(JSON.stringify(kubeconfig), { level: 9 }).toString('base64');
}

/** The kubeconfig inside a join token, as text. @throws Error that does not quote the token. */
export function decodeJoinToken(text: string): string {
  try {
    return gunzipSync(Buffer.from(text.trim(), 'base64')).toString('utf8');
  } catch {
    throw new Error('the text is not a k0s join token');
  }
}

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
