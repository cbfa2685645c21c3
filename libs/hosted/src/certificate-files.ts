import type { JsonObject } from './json.ts';
import { namesOf, type CertificateType } from './names.ts';
import type { HostedPlane } from './plane.ts';
import { controlPlaneReplicas, hasEtcd, hasNats } from './replicas.ts';

/** Key of a certificate's Secret, and the file it becomes. */
interface SecretFile {
  readonly key: 'tls.crt' | 'tls.key';
  readonly path: string;
}

interface SecretFiles {
  readonly type: CertificateType;
  readonly files: readonly SecretFile[];
}

const pair = (type: CertificateType, crt: string, key: string): SecretFiles => ({
  type,
  files: [
    { key: 'tls.crt', path: crt },
    { key: 'tls.key', path: key },
  ],
});

/** etcd's authority is mounted without its key: neither API servers nor members sign anything with it (weak point 8). */
const etcdAuthority: SecretFiles = { type: 'etcd', files: [{ key: 'tls.crt', path: 'etcd-ca.crt' }] };

const etcdClient: readonly SecretFiles[] = [
  etcdAuthority,
  pair('apiserver-etcd-client', 'apiserver-etcd-client.crt', 'apiserver-etcd-client.key'),
];

/** The certificate files of an API server's pod, under k0s's names. */
const controllerSecrets = ({ spec }: HostedPlane): readonly SecretFiles[] => [
  pair('ca', 'ca.crt', 'ca.key'),
  pair('proxy', 'front-proxy-ca.crt', 'front-proxy-ca.key'),
  pair('sa', 'sa.pub', 'sa.key'),
  ...(hasEtcd(spec) ? etcdClient : []),
  ...(natsIsClustered(spec) ? [etcdAuthority, pair('etcd-peer', 'nats.crt', 'nats.key')] : []),
];

/** Servers of NATS talk to each other as members of etcd do, with a certificate of the same authority. */
const natsIsClustered = (spec: HostedPlane['spec']): boolean => hasNats(spec) && controlPlaneReplicas(spec) > 1;

const etcdSecrets: readonly SecretFiles[] = [
  etcdAuthority,
  pair('etcd-server', 'server.crt', 'server.key'),
  pair('etcd-peer', 'peer.crt', 'peer.key'),
];

/** One key of a certificate's Secret that pods mount. */
export interface SecretKey {
  readonly type: CertificateType;
  readonly key: SecretFile['key'];
}

const keysOf = (secrets: readonly SecretFiles[]): readonly SecretKey[] =>
  secrets.flatMap(({ type, files }) => files.map(({ key }) => ({ type, key })));

/** What API servers mount. */
export const apiServerSecretKeys = (plane: HostedPlane): readonly SecretKey[] => keysOf(controllerSecrets(plane));

/** What members of etcd mount, and its clients. */
export const etcdSecretKeys: readonly SecretKey[] = keysOf([...etcdSecrets, ...etcdClient]);

/** Where {@link controllerCertificates} is mounted, whole: the configuration names the files there. */
export const certificatesFolder = '/etc/k0s-certificates';

/** Where k0s keeps the certificates that it issues for itself. */
export const pkiFolder = '/var/lib/k0s/pki';

/**
 * The authorities are mounted one by one among the certificates that k0s issues, since it looks for them there only. It
 * leaves them alone when they exist; the service account's key it would not, so that stays where the configuration names it.
 */
export const authorityMounts: readonly JsonObject[] = ['ca', 'front-proxy-ca']
  .flatMap((authority) => [`${authority}.crt`, `${authority}.key`])
  .map((file) => ({ name: 'certificates', mountPath: `${pkiFolder}/${file}`, subPath: file, readOnly: true }));

/** Volume with the certificates of an API server's pod. */
export const controllerCertificates = (plane: HostedPlane): JsonObject =>
  projected(plane, 'certificates', controllerSecrets(plane));

/** Volume with the certificates of a member of etcd. */
export const etcdCertificates = (plane: HostedPlane): JsonObject => projected(plane, 'certificates', etcdSecrets);

/** Volume with what a client of etcd needs: the original gave its job the authority's key (weak point 8). */
export const defragCertificates = (plane: HostedPlane): JsonObject => projected(plane, 'certificates', etcdClient);

/** Readable for the owner and the group: k0s runs API servers as users of their own, in group 0; etcd has `fsGroup`. */
const readable = 0o440;

const projected = (plane: HostedPlane, name: string, secrets: readonly SecretFiles[]): JsonObject => ({
  name,
  projected: {
    defaultMode: readable,
    sources: secrets.map(({ type, files }) => ({
      secret: { name: namesOf(plane).certificate(type), items: files },
    })),
  },
});
