import { defineFact } from './define-fact.ts';

const about = { service: 'bootstrap', kinds: ['K0sWorkerConfig', 'K0sControllerConfig'] } as const;

/** The Secret with the bootstrap data of a machine exists and its config says so. */
export interface BootstrapDataReady {
  readonly dataSecretName: string;
}

/** A join token was made in the workload cluster. */
export interface TokenMinted {
  /** The public half of the bootstrap token; the secret half is never told. */
  readonly tokenId: string;
  readonly role: 'worker' | 'controller';
  /** RFC 3339 in UTC. */
  readonly expiresAt: string;
}

/** A join token was taken away, so that it can admit nobody any more. */
export interface TokenRevoked {
  /** The public half of the bootstrap token. */
  readonly tokenId: string;
  readonly role: 'worker' | 'controller';
  readonly because: 'joined' | 'expired' | 'deleted';
}

/** Makes the fact {@link BootstrapDataReady}. */
export const bootstrapDataReady = defineFact<BootstrapDataReady>({
  ...about,
  fact: 'data-ready',
  factClass: 'state',
  summary: 'The bootstrap data of this machine is ready.',
  transition: ({ dataSecretName }) => dataSecretName,
});

/** Makes the fact {@link TokenMinted}. */
export const tokenMinted = defineFact<TokenMinted>({
  ...about,
  fact: 'token-minted',
  factClass: 'audit',
  summary: 'A join token was made for this machine.',
  transition: ({ tokenId }) => tokenId,
});

/** Makes the fact {@link TokenRevoked}. */
export const tokenRevoked = defineFact<TokenRevoked>({
  ...about,
  fact: 'token-revoked',
  factClass: 'audit',
  summary: 'The join token of this machine was revoked.',
  transition: ({ tokenId }) => tokenId,
});
