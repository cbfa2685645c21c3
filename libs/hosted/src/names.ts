import type { CertificateRef } from '@k0smotron/api';
import type { HostedPlane } from './plane.ts';
import { parentLength, shorten } from './shorten.ts';

/** What a certificate of a plane is for, as `spec.certificateRefs` spells it. */
export type CertificateType = CertificateRef['type'];

/** What the objects of one plane are called: the original's names (drop-in), shortened where Kubernetes needs it. */
export interface HostedNames {
  /** StatefulSet of the API servers. */
  readonly controlPlane: string;
  /** Service of the API; its name says its type, as in the original. */
  readonly service: string;
  /** ConfigMap, or Secret, with `k0s.yaml`. */
  readonly config: string;
  /** ConfigMap with the manifest that tells the workload cluster its own endpoint. */
  readonly endpoint: string;
  /** StatefulSet and headless Service of etcd. */
  readonly etcd: string;
  /** ConfigMap with etcd's initial members. */
  readonly etcdMembers: string;
  /** Secret with the kubeconfig of an administrator, key `value`. */
  readonly kubeconfig: string;
  /** Pod and member of that ordinal. */
  readonly etcdMember: (ordinal: number) => string;
  /** Host name of a member, in the cluster that the pods run in. */
  readonly etcdHost: (ordinal: number) => string;
  /** Claim of that member's data. */
  readonly etcdClaim: (ordinal: number) => string;
  /** Secret of a certificate: the one that `spec.certificateRefs` gives, else `<name>-<type>`. */
  readonly certificate: (type: CertificateType) => string;
}

/** Names of the objects of a plane. */
export function namesOf({ name, namespace, spec }: HostedPlane): HostedNames {
  const base = `kmc-${name}`;
  const etcd = shorten(`${base}-etcd`, parentLength);
  const suffix = { ClusterIP: '', NodePort: '-nodeport', LoadBalancer: '-lb' }[spec.service.type];
  const etcdMember = (ordinal: number): string => `${etcd}-${ordinal}`;
  return {
    controlPlane: shorten(base, parentLength),
    service: shorten(`${base}${suffix}`),
    config: shorten(`${base}-config`),
    endpoint: shorten(`${base}-endpoint`),
    etcd,
    etcdMembers: shorten(`${base}-etcd-members`),
    kubeconfig: `${name}-kubeconfig`,
    etcdMember,
    etcdHost: (ordinal) => `${etcdMember(ordinal)}.${etcd}.${namespace}.svc`,
    etcdClaim: (ordinal) => `etcd-data-${etcdMember(ordinal)}`,
    certificate: (type) => spec.certificateRefs?.find((ref) => ref.type === type)?.name || `${name}-${type}`,
  };
}
