import { connectEtcd, observeEtcd, type EtcdAdmin, type EtcdObservation } from '@k0smotron/etcd';
import { messageOf } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { issue, type CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import type { Controller } from '../reconcilers/k0s-control-plane/scope.ts';
import type { FoundCertificates } from '../secrets/cluster-certificates.ts';
import { apiServerReady } from './api-server-ready.ts';
import type { ControllerHosts } from './controller-hosts.ts';

/** What one host told of its own API server. */
export interface ControllerSeen {
  readonly apiReady: boolean;
  /** Why it is not. */
  readonly problem?: string;
}

/** What all hosts told, at one moment. */
export interface ControllersSeen {
  readonly byName: ReadonlyMap<string, ControllerSeen>;
  /** In the shape that the planner reads (SR-6). */
  readonly etcd: EtcdObservation;
}

/** What a look needs. */
export interface LookOptions {
  readonly kube: KubeClient;
  readonly hosts: ControllerHosts;
  readonly certificates: FoundCertificates;
  readonly now: Date;
}

/** The gRPC port of k0s's etcd, on the loopback of each controller only (SR-6). */
const etcdClientPort = 2379;
const lookTimeoutMs = 9000;

/** Asks each controller's host, all at once; a host that does not answer costs no more than the time limit. */
export async function observeControllers(
  controllers: readonly Controller[],
  options: LookOptions,
  signal: AbortSignal,
): Promise<ControllersSeen> {
  const { ca, etcd: etcdCa } = options.certificates;
  if (!ca || !etcdCa) throw new Error('the certificates of the cluster are not there');
  const { apiClient, etcdClient } = await clientCertificates(ca, etcdCa, options.now);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookTimeoutMs)]);
  const open = (controller: Controller): Promise<HostSession> => within(limit, openSession(controller, options, limit));
  const [looks, etcd] = await Promise.all([
    Promise.all(
      controllers.map(async (controller) => [controller.name, await lookAtApi(open(controller), ca.certPem, apiClient)] as const),
    ),
    observeEtcd(
      controllers.map((controller) => ({
        name: controller.name,
        connect: async () => openEtcd(await open(controller), etcdCa.certPem, etcdClient),
      })),
      options.now,
      limit,
    ),
  ]);
  return { byName: new Map(looks), etcd };
}

async function openSession({ name, remote }: Controller, { hosts, kube }: LookOptions, signal: AbortSignal): Promise<HostSession> {
  if (!remote) throw new Error(`${name} is not reached over SSH`);
  return hosts.session(kube, remote, signal);
}

interface Clients {
  readonly apiClient: CertificatePair;
  readonly etcdClient: CertificatePair;
}

/** Certificates that live in memory for minutes only (SR-6). One key generation serves many looks. */
const minted = new Map<string, { readonly clients: Promise<Clients>; readonly untilMs: number }>();

function clientCertificates(ca: CertificatePair, etcd: CertificatePair, now: Date): Promise<Clients> {
  const id = etcd.certPem + ca.certPem;
  const before = minted.get(id);
  if (before && now.getTime() < before.untilMs) return before.clients;
  const client = { usages: ['client'], days: 1, now } as const;
  const clients = Promise.all([
    issue(ca, { ...client, commonName: 'k0smotron-control-plane', organization: ['system:masters'] }),
    issue(etcd, { ...client, commonName: 'k0smotron-control-plane' }),
  ]).then(([apiClient, etcdClient]) => ({ apiClient, etcdClient }));
  minted.set(id, { clients, untilMs: now.getTime() + 12 * 3_600_000 });
  clients.catch(() => minted.delete(id));
  return clients;
}

async function lookAtApi(opening: Promise<HostSession>, caPem: string, client: CertificatePair): Promise<ControllerSeen> {
  try {
    const ready = await apiServerReady(await opening, caPem, client);
    return ready ? { apiReady: true } : { apiReady: false, problem: 'its API server is not ready' };
  } catch (cause) {
    return { apiReady: false, problem: `its API server does not answer: ${messageOf(cause)}` };
  }
}

/** A connection to the etcd of one controller, through its SSH session. */
export const openEtcd = (session: HostSession, caPem: string, client: CertificatePair): Promise<EtcdAdmin> =>
  connectEtcd({
    open: () => session.forward('127.0.0.1', etcdClientPort),
    caPem,
    certPem: client.certPem,
    keyPem: client.keyPem,
  });

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const given = Promise.withResolvers<never>();
  const onAbort = (): void => given.reject(new Error('the host did not answer in time'));
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, given.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
