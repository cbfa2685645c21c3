import { Cluster, labels, Machine, type RemoteMachine } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import type { Bus } from '@k0smotron/bus';
import type { Run } from '@k0smotron/runtime';
import type { BootstrapData } from '../../hosts/bootstrap-data.ts';
import type { CleanUpRecord } from '../../hosts/clean-up-record.ts';
import type { HostWork } from '../../hosts/host-work.ts';
import type { HostTools } from '../../hosts/run-on-host.ts';
import type { SshKey } from '../../hosts/ssh-key.ts';

/** What lives as long as the process. */
export interface RemoteMachineDependencies {
  readonly work: HostWork;
  readonly bus: Bus;
  readonly audit: Audit;
}

/** What the steps of one run found out, for later ones and for the summary at its end. */
export interface Findings {
  problem?: string;
  /** True when somebody has paused this machine: then nothing is said but that (P-02). */
  paused?: boolean;
  /** True when nothing is worth a write yet: what wakes the key in a moment will tell more. */
  quiet?: boolean;
  /** Set once the host was reached. */
  sshKey?: SshKey;
  /** Set once there is something to run. */
  data?: BootstrapData;
  /** Set once the clean-up is prepared. */
  record?: CleanUpRecord;
  /** What stays behind on a host that was given up. */
  leftDirty?: string;
}

/** One consistent reading of a RemoteMachine's surroundings. */
export interface RemoteMachineScope extends RemoteMachineDependencies {
  /** Uids of machines whose clean-up is known to be prepared, so that settled ones cost no requests. */
  readonly prepared: Set<string>;
  readonly found: Findings;
  readonly run: Run<RemoteMachine>;
  readonly remote: RemoteMachine;
  readonly machine?: Machine;
  readonly cluster?: Cluster;
}

/**
 * Reads owner Machine and Cluster from the caches; both may be missing, since deletion must work without them (SR-1). The
 * Cluster is known without the Machine, since its pause counts (P-01).
 */
export function scopeOf(
  run: Run<RemoteMachine>,
  dependencies: RemoteMachineDependencies & Pick<RemoteMachineScope, 'prepared'>,
): RemoteMachineScope {
  const remote = run.object;
  const owner = remote.metadata.ownerReferences?.find(({ kind }) => kind === Machine.kind);
  const machine = owner && run.caches.of(Machine).get({ namespace: remote.metadata.namespace, name: owner.name });
  const clusterName = machine?.spec.clusterName ?? remote.metadata.labels?.[labels.clusterName];
  const cluster = clusterName
    ? run.caches.of(Cluster).get({ namespace: remote.metadata.namespace, name: clusterName })
    : undefined;
  return { ...dependencies, run, remote, machine, cluster, found: {} };
}

/** What work on the host of this machine is done with. */
export const toolsOf = ({ run, audit, work }: RemoteMachineScope): HostTools => ({
  kube: run.kube,
  audit,
  clock: run.clock,
  sessions: work.sessions,
});

/** Whether the bootstrap runs, or has succeeded in this process: then nothing has to be read for it any more. */
export function isBooted({ work, remote }: RemoteMachineScope): boolean {
  const kind = work.report(workId(remote, 'bootstrap'))?.kind;
  return kind === 'running' || kind === 'succeeded';
}

/** Names the work on the host of a machine, one piece per purpose. */
export const workId = ({ metadata }: RemoteMachine, purpose: 'reach' | 'bootstrap' | 'clean-up'): string =>
  `${metadata.uid}/${purpose}`;
