import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { connectEtcd, observeEtcd, type EtcdAdmin, type EtcdObservation } from '@k0smotron/etcd';
import type { CertificatePair } from '@k0smotron/pki';
import type { Pod } from './kinds.ts';
import type { HostingSite } from './site.ts';

/** Where one member of etcd is, and as whom we come. */
export interface MemberAddress {
  readonly host: string;
  /** A name in the server's certificate. */
  readonly serverName: string;
  readonly caPem: string;
  readonly client: CertificatePair;
  /** The way there, for pods whose addresses mean nothing here. */
  readonly through?: Forward;
}

/** Opens a connection to a port of one pod. */
type Forward = (port: number, signal: AbortSignal) => Promise<Duplex>;

/** Connects to one member. */
export type EtcdDialer = (member: MemberAddress, signal?: AbortSignal) => Promise<EtcdAdmin>;

/** On a claim of etcd: id of the member whose data it holds, so that old data never comes back under a new member. */
export const claimedMemberAnnotation = 'k0smotron.io/etcd-member';

const clientPort = 2379;
const timeoutMs = 5000;

/** How pods of a site are reached other than by their addresses: through the API server of a cluster that we are not in. */
export const throughSite = ({ elsewhere, kube }: HostingSite): ((pod: Pod) => Forward) | undefined =>
  elsewhere
    ? ({ metadata: { namespace, name } }) =>
        (port, signal) =>
          kube.forward({ namespace, name }, port, signal)
    : undefined;

/** Dials a member over TCP; no DNS is asked, since the pod says its address. @throws EtcdUnreachableError */
export const dialEtcd: EtcdDialer = ({ host, serverName, caPem, client, through }, signal) =>
  connectEtcd(
    {
      open: async () => {
        const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
        if (through) return through(clientPort, limit);
        const socket = connect({ host, port: clientPort, noDelay: true });
        socket.on('error', () => undefined); // what fails later is told by the calls
        await once(socket, 'connect', { signal: limit }).catch((cause: unknown) => {
          socket.destroy();
          throw cause;
        });
        return socket;
      },
      caPem,
      certPem: client.certPem,
      keyPem: client.keyPem,
      serverName,
      timeoutMs,
    },
    signal,
  );

/** One pod with an address, and the name that its certificate has. */
export interface MemberPod {
  readonly pod: Pod;
  readonly serverName: string;
}

/** Asks all members that have an address at once. Never throws for what etcd does. */
export const lookAtEtcd = (
  members: readonly MemberPod[],
  access: {
    readonly caPem: string;
    readonly client: CertificatePair;
    readonly dial: EtcdDialer;
    readonly through: ((pod: Pod) => Forward) | undefined;
  },
  now: Date,
  signal: AbortSignal,
): Promise<EtcdObservation> =>
  observeEtcd(
    members.map(({ pod, serverName }) => ({
      name: pod.metadata.name,
      connect: (limit) => {
        const host = pod.status?.podIP;
        if (!host) return Promise.reject(new Error('its pod has no address yet'));
        const { caPem, client, through } = access;
        return access.dial({ host, serverName, caPem, client, ...(through && { through: through(pod) }) }, limit);
      },
    })),
    now,
    signal,
  );
