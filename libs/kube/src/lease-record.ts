import type { Kind, KubeObject } from '@k0smotron/core';

/** `coordination.k8s.io/v1` Lease, as far as we use it. */
export interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** Kept here, not taken from `@k0smotron/api`: the lease is machinery of this room. */
export const leaseKind: Kind<LeaseObject> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** `metav1.MicroTime`: the server wants six digits (libraries.md §3). */
export const microTime = (at: Date): string => at.toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');

/** The stored lease with another spec; everything else, resourceVersion included, stays, so a replace is a compare-and-swap. */
export const withSpec = (lease: LeaseObject, spec: LeaseObject['spec']): LeaseObject => ({
  ...lease,
  spec: { ...lease.spec, ...spec },
});
