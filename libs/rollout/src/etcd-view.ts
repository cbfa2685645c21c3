/** One member of etcd, as far as it could be seen. */
export interface EtcdMemberView {
  /** Member id, as etcd prints it (hexadecimal). */
  readonly id: string;
  /** Empty until the member has started: a joining member has no name yet. */
  readonly name: string;
  readonly started: boolean;
  /** `undefined` when the source cannot tell (SR-6): such a member is counted as a voter. */
  readonly learner: boolean | undefined;
  /** Answers, has a leader and no corruption alarm. `undefined` when the source cannot tell. */
  readonly healthy: boolean | undefined;
  readonly raftIndex?: number;
  readonly peerUrls: readonly string[];
  /** Why it is not healthy, for the user. */
  readonly problem?: string;
}

/** An alarm that etcd raised. */
export interface EtcdAlarmView {
  readonly memberId: string;
  readonly alarm: 'NOSPACE' | 'CORRUPT';
}

/** All that a decision may rest on: the members of one etcd at one moment (SR-6). */
export interface EtcdView {
  readonly members: readonly EtcdMemberView[];
  /** Member id of the leader, if there is one. */
  readonly leader?: string;
  readonly alarms: readonly EtcdAlarmView[];
  /** RFC 3339. */
  readonly observedAt: string;
  /** `etcd`: its own API; `k0s`: what k0s's objects tell, without learners and raft indexes. */
  readonly source: 'etcd' | 'k0s';
  /** Set when the members could not be seen: why, for the user. */
  readonly unknown?: string;
}

/** Etcd that could not be looked at; holds every move that needs to know. */
export const unknownEtcd = (because: string, observedAt: string): EtcdView => ({
  members: [],
  alarms: [],
  observedAt,
  source: 'etcd',
  unknown: because,
});

/** True for members that count for quorum; one that may be a learner counts, which is the careful side. */
export const isVoter = (member: EtcdMemberView): boolean => member.learner !== true;

/** How a machine is found among the members. */
export interface MemberIdentity {
  readonly name: string;
  /** Where the machine answers, for a member that has no name yet, or its host's name (k0s before v1.31.1). */
  readonly addresses?: readonly string[];
}

/** The member that runs on a machine: by name, else by the host of its peer URL. */
export function memberOf(view: EtcdView, { name, addresses = [] }: MemberIdentity): EtcdMemberView | undefined {
  return (
    view.members.find((member) => member.name === name) ??
    view.members.find(({ peerUrls }) => peerUrls.some((url) => addresses.includes(hostOf(url))))
  );
}

/** A member's name for people: its name, else its peer address, else its id. */
export const nameOf = ({ name, peerUrls, id }: EtcdMemberView): string => name || hostOf(peerUrls[0] ?? '') || id;

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '');
