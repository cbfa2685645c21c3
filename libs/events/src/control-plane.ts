import type { TokenMinted, TokenRevoked } from './bootstrap.ts';
import { defineFact } from './define-fact.ts';

const about = { service: 'control-plane', factClass: 'state', kinds: ['K0sControlPlane'] } as const;

/** The API server of a control plane answered for the first time. */
export interface ControlPlaneInitialised {
  readonly version: string;
}

/** A control plane became available. */
export interface ControlPlaneAvailable {
  readonly version: string;
  /** Controllers that are started voters and whose API server answers. */
  readonly availableReplicas: number;
  /** When the condition became True (RFC 3339): it can go and come back. */
  readonly since: string;
}

/** A control plane gained or lost one controller. */
export interface ControllerChange {
  /** Name of the Machine that came or went. */
  readonly machine: string;
  /** Controllers after the change. */
  readonly replicas: number;
}

/** A certificate or key pair came to be for a control plane or for a client of it. */
export interface CertificateIssued {
  /** `ca`, `etcd`, `proxy` and `sa` of the cluster; `kubeconfig`; `api-client` and `etcd-client` of this service. */
  readonly purpose: string;
  /** SHA-256 over the DER form of the certificate (of the public key for `sa`), in hexadecimal. */
  readonly fingerprint: string;
  /** RFC 3339 in UTC; keys alone do not expire. */
  readonly expiresAt?: string;
  /** The Secret that holds it, in the namespace of the object; absent for one that stays in the service's memory. */
  readonly secretName?: string;
}

/** A member was taken out of a control plane's etcd. */
export interface MemberRemoved {
  /** etcd's id of the member, in hexadecimal. */
  readonly member: string;
  /** Name of its Machine; absent where nobody knows it. */
  readonly machine?: string;
}

/** Makes the fact {@link CertificateIssued}. */
export const certificateIssued = defineFact<CertificateIssued>({
  ...about,
  kinds: [...about.kinds, 'Cluster'],
  factClass: 'audit',
  fact: 'certificate-issued',
  summary: 'A certificate of this control plane was issued.',
  transition: ({ purpose, fingerprint }) => `${purpose}:${fingerprint}`,
});

/** Makes the fact {@link MemberRemoved}. */
export const memberRemoved = defineFact<MemberRemoved>({
  ...about,
  kinds: [...about.kinds, 'Cluster'],
  factClass: 'audit',
  fact: 'member-removed',
  summary: "A member was taken out of this control plane's etcd.",
  transition: ({ member }) => member,
});

const aboutRequest = { ...about, factClass: 'audit', kinds: ['JoinTokenRequest'] } as const;

/** Makes the fact {@link TokenMinted} of a token that somebody asked for. */
export const joinTokenMinted = defineFact<TokenMinted>({
  ...aboutRequest,
  fact: 'token-minted',
  summary: 'The join token that was asked for was made.',
  transition: ({ tokenId }) => tokenId,
});

/** Makes the fact {@link TokenRevoked} of a token that somebody asked for. */
export const joinTokenRevoked = defineFact<TokenRevoked>({
  ...aboutRequest,
  fact: 'token-revoked',
  summary: 'The join token that was asked for was revoked.',
  transition: ({ tokenId }) => tokenId,
});

/** Makes the fact {@link ControlPlaneInitialised}. */
export const controlPlaneInitialised = defineFact<ControlPlaneInitialised>({
  ...about,
  fact: 'initialised',
  summary: 'The API server of this control plane answered for the first time.',
  transition: () => '',
});

/** Makes the fact {@link ControlPlaneAvailable}. */
export const controlPlaneAvailable = defineFact<ControlPlaneAvailable>({
  ...about,
  fact: 'available',
  summary: 'This control plane became available.',
  transition: ({ since }) => since,
});

/** Makes the fact that a {@link ControllerChange} was a gain. */
export const controllerAdded = defineFact<ControllerChange>({
  ...about,
  fact: 'controller-added',
  summary: 'This control plane gained one controller.',
  transition: ({ machine }) => machine,
});

/** Makes the fact that it was a loss: once the Machine is gone, nothing in Kubernetes says that it was there. */
export const controllerRemoved = defineFact<ControllerChange>({
  ...about,
  factClass: 'audit',
  fact: 'controller-removed',
  summary: 'This control plane lost one controller.',
  transition: ({ machine }) => machine,
});
