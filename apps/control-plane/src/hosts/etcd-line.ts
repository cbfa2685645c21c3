import { connectEtcd, type EtcdAdmin, type EtcdStatus } from '@k0smotron/etcd';
import type { CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import type { Line } from './lines.ts';

/** A line to the etcd of one controller. */
export interface EtcdLine extends Line {
  readonly admin: EtcdAdmin;
  /**
   * As {@link EtcdAdmin.status}. The first time that the member votes and knows a leader, a watch begins which ends when it
   * loses the leader, or stops.
   */
  status(signal: AbortSignal): Promise<EtcdStatus>;
}

/** The gRPC port of k0s's etcd, on the loopback of each controller only (SR-6). */
const etcdClientPort = 2379;

/** A connection to the etcd of one controller, through its SSH session. */
export const openEtcd = (session: HostSession, caPem: string, client: CertificatePair): Promise<EtcdAdmin> =>
  connectEtcd({
    open: () => session.forward('127.0.0.1', etcdClientPort),
    caPem,
    certPem: client.certPem,
    keyPem: client.keyPem,
  });

/** Opens a line. @throws EtcdUnreachableError */
export const openEtcdLine = async (session: HostSession, caPem: string, client: CertificatePair): Promise<EtcdLine> =>
  etcdLineOver(await openEtcd(session, caPem, client));

/** Makes a line of a connection, which ends with it. */
export function etcdLineOver(admin: EtcdAdmin): EtcdLine {
  let watched = false;
  const watch = async (): Promise<void> => {
    const { lost } = await admin.watchLeader();
    watched = true;
    void lost.then(() => admin.close());
  };
  return {
    admin,
    get watched() {
      return watched;
    },
    closed: admin.closed,
    close: () => admin.close(),
    status: async (signal) => {
      const status = await admin.status(signal);
      // Where no watch can stand, looks come more often: no reason to fail.
      if (!watched && status.leader !== undefined && !status.learner) await watch().catch(() => undefined);
      return status;
    },
  };
}
