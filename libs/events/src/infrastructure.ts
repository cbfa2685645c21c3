import { defineFact } from './define-fact.ts';
import type { NamedObject } from './fact.ts';

const about = { service: 'infrastructure', factClass: 'state', kinds: ['RemoteMachine'] } as const;

/** A host of a pool was reserved for a machine. */
export interface MachineReserved {
  readonly pool: string;
  /** The PooledRemoteMachine. */
  readonly host: NamedObject;
}

/** A machine's bootstrap ran to its end and was verified. */
export interface MachineProvisioned {
  readonly address: string;
  readonly providerID?: string;
}

/** A machine could not be provisioned or cleaned, as its condition says. */
export interface MachineFailed {
  /** Reason of the condition. */
  readonly reason: string;
  /** When the condition became so (RFC 3339): a later failure for the same reason is another fact. */
  readonly since: string;
  readonly step?: string;
  readonly exitCode?: number;
}

/** A machine gave its host back; a host that could not be cleaned is not free. */
export interface MachineReleased {
  readonly clean: boolean;
  /** The PooledRemoteMachine; absent for a machine with an address of its own. */
  readonly host?: NamedObject;
}

/** What a machine's host was told to do, as root or the machine's user. */
export interface RemoteCommandRun {
  readonly purpose: 'bootstrap' | 'clean-up';
  readonly address: string;
  /** Tells this job from any other on the host; a job that is resumed after a crash is the same. */
  readonly job: string;
  /** Of the job's first step that failed; 0 when all went well, absent when it could not be learnt. */
  readonly exitCode?: number;
}

/** Makes the fact {@link RemoteCommandRun}. */
export const remoteCommandRun = defineFact<RemoteCommandRun>({
  ...about,
  factClass: 'audit',
  fact: 'remote-command-run',
  summary: 'Commands were run on the host of this machine over SSH.',
  transition: ({ purpose, job }) => `${purpose}:${job}`,
});

/** Makes the fact {@link MachineReserved}. */
export const machineReserved = defineFact<MachineReserved>({
  ...about,
  fact: 'reserved',
  summary: 'A host of a pool was reserved for this machine.',
  transition: ({ host }) => host.uid,
});

/** Makes the fact {@link MachineProvisioned}. */
export const machineProvisioned = defineFact<MachineProvisioned>({
  ...about,
  fact: 'provisioned',
  summary: 'The bootstrap of this machine ran to its end and was verified.',
  transition: () => '',
});

/** Makes the fact {@link MachineFailed}. */
export const machineFailed = defineFact<MachineFailed>({
  ...about,
  fact: 'failed',
  summary: 'This machine could not be provisioned or cleaned.',
  transition: ({ reason, since }) => `${reason}:${since}`,
});

/** Makes the fact {@link MachineReleased}: once the machine is gone, nothing in Kubernetes says that it was there. */
export const machineReleased = defineFact<MachineReleased>({
  ...about,
  factClass: 'audit',
  fact: 'released',
  summary: 'This machine gave its host back.',
  transition: () => '', // once in its life; a repeat after a crash may no longer know the host
});
