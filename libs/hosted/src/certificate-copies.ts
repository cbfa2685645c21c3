import { apiServerSecretKeys, etcdSecretKeys } from './certificate-files.ts';
import { isMonitored } from './monitoring-objects.ts';
import { namesOf, type CertificateType, type LeafType } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';
import { hasEtcd } from './replicas.ts';

/** Certificate and key as PEM, by what they are for. */
export type CertificatePairs = Partial<
  Record<CertificateType | LeafType, { readonly certPem: string; readonly keyPem: string }>
>;

const pemOf = { 'tls.crt': 'certPem', 'tls.key': 'keyPem' } as const;

/**
 * Secrets for pods that run in another cluster than the plane's own Secrets are in: what pods mount of those, and no more. So the
 * key of etcd's authority never leaves home.
 */
export function certificateCopies(plane: HostedPlane, pairs: CertificatePairs): readonly HostedObject[] {
  const mounted = [
    ...apiServerSecretKeys(plane),
    ...(hasEtcd(plane.spec) ? etcdSecretKeys : []),
    ...(isMonitored(plane)
      ? (['tls.crt', 'tls.key'] as const).map((key) => ({ type: 'monitoring-client' as const, key }))
      : []),
  ];
  const data = new Map<string, Record<string, string>>();
  for (const { type, key } of mounted) {
    const pem = pairs[type]?.[pemOf[key]];
    if (pem === undefined) continue;
    const name = namesOf(plane).certificate(type);
    data.set(name, { ...data.get(name), [key]: Buffer.from(pem, 'utf8').toString('base64') });
  }
  return [...data].map(([name, content]) =>
    hostedObject(
      plane,
      { kind: 'Secret', name, group: 'cluster', component: 'cluster-config' },
      { type: 'Opaque', data: content },
    ),
  );
}
