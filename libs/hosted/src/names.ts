import type { CertificateRef } from '@k0smotron/api';
import type { HostedPlane } from './plane.ts';
import { parentLength, shorten } from './shorten.ts';

/** What a certificate of a plane is for, as `spec.certificateRefs` spells it. */
export type CertificateType = CertificateRef['type'];

/** Other certificates that the cluster's authority signs: of the proxies on workers, and as which metrics are asked for. */
export type LeafType = 'ingress-haproxy' | 'monitoring-client';

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
  /** ConfigMap with the manifests for workers behind an ingress; the Ingress itself has the name of the API servers. */
  readonly ingress: string;
  /** ConfigMap with the agent of konnectivity for versions of k0s whose own knows no ingress. */
  readonly ingressKonnectivity: string;
  /** Secret with the manifest that brings the proxy's certificate to the workers. */
  readonly ingressCertificate: string;
  /** ConfigMap of the containers that tell the plane's metrics. */
  readonly monitoring: string;
  /** ConfigMap with the manifest that tells k0s's telemetry who made the cluster. */
  readonly telemetry: string;
  /** Headless Service of the servers of NATS, which run beside the API servers. */
  readonly nats: string;
  /** Host name of the server of NATS in the API server's pod of that ordinal. */
  readonly natsHost: (ordinal: number) => string;
  /** CronJob that defragments etcd. */
  readonly etcdDefrag: string;
  /** ConfigMap in another cluster that the pods run in, by which the plane holds its names there. */
  readonly hostingClaim: string;
  /** Secret with the kubeconfig of an administrator, key `value`. */
  readonly kubeconfig: string;
  /** Pod and member of that ordinal. */
  readonly etcdMember: (ordinal: number) => string;
  /** Host name of a member, in the cluster that the pods run in. */
  readonly etcdHost: (ordinal: number) => string;
  /** Host name of a member's own Service, which its peers know from before it has a pod. */
  readonly etcdPeerHost: (ordinal: number) => string;
  /** Claim of that member's data. */
  readonly etcdClaim: (ordinal: number) => string;
  /** Secret of a certificate: the one that `spec.certificateRefs` gives, else `<name>-<type>`. */
  readonly certificate: (type: CertificateType | LeafType) => string;
}

/** Names of the objects of a plane. */
export function namesOf({ name, namespace, spec }: HostedPlane): HostedNames {
  const base = `kmc-${name}`;
  const etcd = shorten(`${base}-etcd`, parentLength);
  const suffix = { ClusterIP: '', NodePort: '-nodeport', LoadBalancer: '-lb' }[spec.service.type];
  const [controlPlane, nats] = [shorten(base, parentLength), shorten(`${base}-nats`)];
  const ingress = shorten(`${base}-ingress`);
  const etcdMember = (ordinal: number): string => `${etcd}-${ordinal}`;
  return {
    controlPlane,
    service: shorten(`${base}${suffix}`),
    config: shorten(`${base}-config`),
    endpoint: shorten(`${base}-endpoint`),
    etcd,
    etcdMembers: shorten(`${base}-etcd-members`),
    ingress,
    ingressKonnectivity: `${ingress}-konnectivity`,
    ingressCertificate: `${ingress}-certificate`,
    monitoring: shorten(`kmc-prometheus-${name}-config`),
    telemetry: shorten(`${base}-telemetry-config`),
    nats,
    natsHost: (ordinal) => `${controlPlane}-${ordinal}.${nats}.${namespace}.svc`,
    etcdDefrag: shorten(`${base}-defrag`, parentLength),
    hostingClaim: shorten(`${base}-place`),
    kubeconfig: `${name}-kubeconfig`,
    etcdMember,
    etcdHost: (ordinal) => `${etcdMember(ordinal)}.${etcd}.${namespace}.svc`,
    etcdPeerHost: (ordinal) => `${etcdMember(ordinal)}.${namespace}.svc`,
    etcdClaim: (ordinal) => `etcd-data-${etcdMember(ordinal)}`,
    certificate: (type) => spec.certificateRefs?.find((ref) => ref.type === type)?.name || `${name}-${type}`,
  };
}
