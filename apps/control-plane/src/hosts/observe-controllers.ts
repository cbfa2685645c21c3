import { connectEtcd, observeEtcd, type EtcdAdmin } from '@k0smotron/etcd';
import { messageOf, type Logger } from '@k0smotron/core';
import type { CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import type { Controller } from '../machines/controller.ts';
import { clientCertificates, type Clients } from '../secrets/client-certificates.ts';
import type { FoundCertificates } from '../secrets/cluster-certificates.ts';
import { apiServerReady } from './api-server-ready.ts';
import { HostNotReadableError, type ControllerHosts, type Opener } from './controller-hosts.ts';
import type { ControllerSeen, ControllersSeen } from './seen.ts';

/** What a look needs. */
export interface LookOptions {
  readonly opener: Opener;
  readonly hosts: ControllerHosts;
  readonly certificates: FoundCertificates;
  readonly now: Date;
  /** Hears of client certificates that had to be made. */
  readonly tellClients: (clients: Clients) => Promise<void>;
  readonly log: Logger;
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
  const { apiClient, etcdClient } = await clientCertificates({ ca, etcd: etcdCa }, options.now, options.tellClients);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookTimeoutMs)]);
  const looks = controllers.map((controller) => ({ controller, session: openSession(controller, options, limit) }));
  const [api, etcd] = await Promise.all([
    Promise.all(
      looks.map(async ({ controller, session }) => {
        const seen = await lookAtApi(session, ca.certPem, apiClient).catch((cause: unknown) =>
          explainApi(controller, cause, options),
        );
        return [controller.name, seen] as const;
      }),
    ),
    observeEtcd(
      looks.map(({ controller, session }) => ({
        name: controller.name,
        connect: () => quietEtcd(controller, session, { caPem: etcdCa.certPem, client: etcdClient }, options),
      })),
      options.now,
      limit,
    ),
  ]);
  return { byName: new Map(api), etcd };
}

function openSession(
  { name, remote }: Controller,
  { hosts, opener }: LookOptions,
  signal: AbortSignal,
): Promise<HostSession> {
  if (!remote) return Promise.reject(new Error(`${name} is not reached over SSH`));
  const session = within(signal, hosts.session(opener, remote, signal));
  session.catch(() => undefined); // both looks wait for it
  return session;
}

async function lookAtApi(
  opening: Promise<HostSession>,
  caPem: string,
  client: CertificatePair,
): Promise<ControllerSeen> {
  const ready = await apiServerReady(await opening, caPem, client);
  return ready ? { apiReady: true } : { apiReady: false, problem: 'its API server is not ready yet' };
}

/** The cause goes to the log only: its words change from try to try. */
function explainApi({ name, remote }: Controller, cause: unknown, { log, hosts }: LookOptions): ControllerSeen {
  log.debug('The API server of a controller does not answer', { Machine: name, reason: messageOf(cause) });
  if (cause instanceof HostNotReadableError) return { apiReady: false, problem: cause.message };
  if (remote && isBroken(cause)) {
    void hosts.forget(remote.metadata.uid);
    return { apiReady: false, problem: 'its host does not answer over SSH' };
  }
  return { apiReady: false, problem: 'its API server does not answer yet' };
}

/** Etcd whose failures read the same each time, since they end up in conditions through the planner's reasons. */
async function quietEtcd(
  { name }: Controller,
  session: Promise<HostSession>,
  { caPem, client }: { readonly caPem: string; readonly client: CertificatePair },
  { log }: LookOptions,
): Promise<EtcdAdmin> {
  const quiet = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      log.debug('The etcd of a controller does not answer', { Machine: name, reason: messageOf(cause) });
      throw new Error('its etcd does not answer', { cause });
    });
  const admin = await quiet(session.then((open) => openEtcd(open, caPem, client)));
  return {
    ...admin,
    status: (signal) => quiet(admin.status(signal)),
    members: (options, signal) => quiet(admin.members(options, signal)),
    alarms: (signal) => quiet(admin.alarms(signal)),
  };
}

/** True when the SSH connection itself failed: a host that merely refuses one channel says so with a reason code. */
function isBroken(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if (cause.name === 'LookTimeoutError' || cause.name === 'AuthError' || cause.name === 'HostKeyChangedError')
    return true;
  const inner = cause.cause;
  return cause.name === 'ConnectError' && !(inner instanceof Error && 'reason' in inner);
}

/** A connection to the etcd of one controller, through its SSH session. */
export const openEtcd = (session: HostSession, caPem: string, client: CertificatePair): Promise<EtcdAdmin> =>
  connectEtcd({
    open: () => session.forward('127.0.0.1', etcdClientPort),
    caPem,
    certPem: client.certPem,
    keyPem: client.keyPem,
  });

class LookTimeoutError extends Error {
  override readonly name = 'LookTimeoutError';
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const given = Promise.withResolvers<never>();
  const onAbort = (): void => given.reject(new LookTimeoutError('the host did not answer in time'));
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, given.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
