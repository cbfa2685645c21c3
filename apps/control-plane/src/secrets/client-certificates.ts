import { issue, type CertificatePair } from '@k0smotron/pki';

/** Who we are to the API server and the etcd of a controller. */
export interface Clients {
  readonly apiClient: CertificatePair;
  readonly etcdClient: CertificatePair;
}

const lifetimeMs = 12 * 3_600_000;

/** Certificates that live in memory only (SR-6), by their authorities. One key generation serves many looks. */
const minted = new Map<string, { readonly clients: Promise<Clients>; readonly untilMs: number }>();

/** Client certificates of a cluster's two authorities, made once for half a day; `tell` hears of new ones before their use. */
export function clientCertificates(
  { ca, etcd }: { readonly ca: CertificatePair; readonly etcd: CertificatePair },
  now: Date,
  tell: (clients: Clients) => Promise<void>,
): Promise<Clients> {
  const id = etcd.certPem + ca.certPem;
  const before = minted.get(id);
  if (before && now.getTime() < before.untilMs) return before.clients;
  for (const [other, { untilMs }] of minted) if (untilMs <= now.getTime()) minted.delete(other);
  const client = { usages: ['client'], days: 1, now, commonName: 'k0smotron-control-plane' } as const;
  const clients = Promise.all([issue(ca, { ...client, organization: ['system:masters'] }), issue(etcd, client)]).then(
    async ([apiClient, etcdClient]) => {
      await tell({ apiClient, etcdClient });
      return { apiClient, etcdClient };
    },
  );
  minted.set(id, { clients, untilMs: now.getTime() + lifetimeMs });
  clients.catch(() => minted.delete(id));
  return clients;
}
