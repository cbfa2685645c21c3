import type { HostedClusterSpec } from '@k0smotron/api';

/** A server's certificate and key, and the authority behind it, all PEM. */
export interface IngressCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

/** A hosted control plane as it is wanted: one `k0smotron.io` Cluster, without its status. */
export interface HostedPlane {
  readonly namespace: string;
  readonly name: string;
  /** Spec of v1beta2, with the defaults of its schema. Never changed and never written back. */
  readonly spec: HostedClusterSpec;
  /** The Cluster's own labels; they come on objects, and never into a selector. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The Cluster's own annotations; only those that stand for fields of v1beta1 are read. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Members of the plane's etcd, as its ConfigMap shall name them; `etcdIntent` says them. */
export interface HostedEtcd {
  /** Ordinals of the pods that are members, ascending. */
  readonly ordinals: readonly number[];
  /** Peer URLs of members, by ordinal, as etcd lists them; a member that begins etcd is called by its pod's name. */
  readonly peerUrls?: Readonly<Record<number, string>>;
  /** Ordinals that have a Service of their own: all that are members or shall be, where that is more than one. */
  readonly services?: readonly number[];
  /**
   * `beginning`: all of them start a new etcd. `joining`: one of them is new to an etcd that exists. `settled`: none is, and a
   * member that has lost its data must not start: it would come back without its votes, or as an empty etcd.
   */
  readonly phase: 'beginning' | 'joining' | 'settled';
  /** Pods of the StatefulSet. */
  readonly replicas: number;
}

/** What the objects of a plane depend on beside its spec. */
export interface HostedWorld {
  /** Tag of the k0s image, for example `v1.34.4-k0s.0`: what `imageTag` of the k0s room makes of `spec.version`. */
  readonly k0sTag: string;
  /** Where workers reach the API: `spec.externalAddress`, the load balancer's or a node's; unset while unknown. */
  readonly externalAddress?: string;
  /** Cluster addresses of the plane's Service, for the API server's certificate. */
  readonly serviceAddresses: readonly string[];
  /** Unset when the plane has no etcd of its own (kine, NATS). */
  readonly etcd?: HostedEtcd;
  /** Pods of the API server. */
  readonly replicas: number;
  /**
   * Changes when what the API servers mount changes: certificates, not bookkeeping. They are read at start, so a change of it
   * rolls the pods.
   */
  readonly certificatesHash: string;
  /** The same for the certificates that etcd reads. etcd reloads those by itself; only the authority's needs a roll. */
  readonly etcdCertificatesHash: string;
  /** For planes behind an ingress: with what the proxy on workers answers in place of the API. */
  readonly ingressCertificate?: IngressCertificate;
  /** Data source of kine when a Secret holds it; the configuration is then a Secret too. */
  readonly kineDataSource?: string;
}

/** A generated object, as plain JSON, ready to be applied; owner references are the caller's. */
export interface HostedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Values of the label `app.kubernetes.io/component`, which patches aim at: the original's words. */
export type HostedComponent = 'control-plane' | 'cluster-config' | 'etcd' | 'telemetry' | 'monitoring' | 'ingress';
