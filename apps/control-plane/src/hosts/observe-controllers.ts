import { observeEtcd, type EtcdReader } from '@k0smotron/etcd';
import { messageOf, type Logger } from '@k0smotron/core';
import type { CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import type { Controller } from '../machines/controller.ts';
import { clientCertificates, type Clients } from '../secrets/client-certificates.ts';
import type { FoundCertificates } from '../secrets/cluster-certificates.ts';
import { openApiLine } from './api-line.ts';
import { HostNotReadableError, type ControllerHosts, type Opener } from './controller-hosts.ts';
import { openEtcdLine } from './etcd-line.ts';
import type { Service } from './lines.ts';
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
        const identity = { caPem: ca.certPem, client: apiClient };
        const asked = lookAtApi({ controller, session, identity, keep: looks.length > 1 }, options, limit);
        return [
          controller.name,
          await asked.catch((cause: unknown) => explainApi(controller, cause, options)),
        ] as const;
      }),
    ),
    observeEtcd(
      looks.map(({ controller, session }) => ({
        name: controller.name,
        connect: () => quietEtcd(controller, session, { caPem: etcdCa.certPem, client: etcdClient }, options, limit),
      })),
      options.now,
      limit,
    ),
  ]);
  return { byName: new Map(api), etcd };
}

/** As whom we come, and whom we believe. */
interface Identity {
  readonly caPem: string;
  readonly client: CertificatePair;
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

/** What names the line to a service of this controller; another identity needs another line. */
const lineTo = <S extends Service>({ remote }: Controller, service: S, { caPem, client }: Identity) => ({
  uid: remote?.metadata.uid ?? '',
  service,
  inputs: caPem + client.certPem,
});

/** One API server to look at. */
interface ApiLook {
  readonly controller: Controller;
  readonly session: Promise<HostSession>;
  readonly identity: Identity;
  /** Not with a single one: the watch at the endpoint tells of that one, and each line takes memory. */
  readonly keep: boolean;
}

async function lookAtApi(
  { controller, session, identity, keep }: ApiLook,
  { hosts }: LookOptions,
  signal: AbortSignal,
): Promise<ControllerSeen> {
  const opened = await session;
  const open = () => openApiLine(opened, { ...identity, watch: keep });
  const to = { ...lineTo(controller, 'api', identity), keep, open };
  const { answer: ready, done } = await hosts.lines.ask(to, (line, limit) => line.ready(limit), signal);
  done();
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
  controller: Controller,
  opening: Promise<HostSession>,
  identity: Identity,
  { log, hosts }: LookOptions,
  signal: AbortSignal,
): Promise<EtcdReader> {
  const quiet = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      log.debug('The etcd of a controller does not answer', { Machine: controller.name, reason: messageOf(cause) });
      throw new Error('its etcd does not answer', { cause });
    });
  const open = async () => openEtcdLine(await opening, identity.caPem, identity.client);
  const to = { ...lineTo(controller, 'etcd', identity), open };
  const { line, answer, done } = await quiet(hosts.lines.ask(to, (one, limit) => one.status(limit), signal));
  return {
    status: () => Promise.resolve(answer),
    members: (options, limit) => quiet(line.admin.members(options, limit)),
    alarms: (limit) => quiet(line.admin.alarms(limit)),
    close: done,
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

class LookTimeoutError extends Error {
  override readonly name = 'LookTimeoutError';
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const given = Promise.withResolvers<never>();
  const onAbort = (): void => given.reject(new LookTimeoutError('the host did not answer in time'));
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, given.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
