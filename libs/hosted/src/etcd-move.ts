/** A member of etcd as the plan needs it; the rollout room's `EtcdMemberView` is one. */
export interface SeenMember {
  readonly id: string;
  /** Empty until it has started. */
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean | undefined;
  readonly healthy: boolean | undefined;
  readonly raftIndex?: number;
  readonly peerUrls: readonly string[];
  readonly problem?: string;
}

/** The members of etcd at one moment; the rollout room's `EtcdView` is one. */
export interface SeenEtcd {
  readonly members: readonly SeenMember[];
  /** Id of the leader. */
  readonly leader?: string;
  /** Why the members could not be seen. */
  readonly unknown?: string;
}

/** What Kubernetes shows of one ordinal of etcd's StatefulSet. */
export interface SeenEtcdPod {
  readonly ordinal: number;
  /** Made from the StatefulSet's present template; `undefined` when there is no pod. */
  readonly upToDate: boolean | undefined;
  /** `false` when its container is known not to run: deleting such a pod takes nothing from anybody. */
  readonly running?: boolean;
  /** Unset when there is no claim. */
  readonly claim?: {
    /** Id of the member whose data it holds, from its annotation; unset on a claim that nobody has marked yet. */
    readonly member?: string;
  };
}

/** All that a decision about a plane's etcd rests on. */
export interface ObservedEtcd<View extends SeenEtcd = SeenEtcd> {
  readonly view: View;
  readonly pods: readonly SeenEtcdPod[];
  /** `spec.replicas` of etcd's StatefulSet, if there is one: what stays while nobody knows who is a member. */
  readonly replicas?: number;
  /** Ordinals in the members ConfigMap, if it exists: what a beginning etcd was begun with. */
  readonly begunWith?: readonly number[];
  /** The id of this etcd is recorded on the Cluster: its members have been healthy together once (SR-1, SR-10). */
  readonly recorded: boolean;
}

/** What a gate says; the rollout room's `Verdict` is one. */
export type GateVerdict = { readonly allowed: true } | { readonly allowed: false; readonly because: string };

/** The gates of the rollout room (SR-4, SR-5): domain rooms do not import each other, so the app hands them over. */
export interface EtcdGate<View extends SeenEtcd = SeenEtcd> {
  readonly removal: (view: View, victim: string, intent: 'voluntary' | 'failed') => GateVerdict;
  readonly addition: (view: View) => GateVerdict;
}

/** The one thing to do now for a plane's etcd. */
export type EtcdMove =
  | { readonly kind: 'settled' }
  | { readonly kind: 'hold'; readonly because: string }
  /** Write the id of the etcd cluster on the Cluster: it exists now, and never begins again. */
  | { readonly kind: 'record' }
  /** Annotate claims with the member whose data they hold. */
  | { readonly kind: 'mark'; readonly claims: readonly { readonly ordinal: number; readonly memberId: string }[] }
  /** Delete the claim, then the pod (if any), of a member that is gone: its data must not come back. */
  | { readonly kind: 'discard'; readonly ordinal: number; readonly because: string }
  /** Add the member as a learner, then delete its pod if there is one, since it may sit in a long back-off. */
  | { readonly kind: 'add'; readonly ordinal: number }
  /** Make the learner a voter. etcd itself refuses while it lags behind: look again then. */
  | { readonly kind: 'promote'; readonly memberId: string; readonly name: string }
  /** Mark the claim with the member's id, move leadership if asked, then remove the member. */
  | {
      readonly kind: 'remove';
      readonly ordinal: number;
      readonly memberId: string;
      readonly moveLeaderTo?: string;
      readonly because: string;
    }
  /** Move leadership if asked, then delete the pod, so that it comes back from the new template. */
  | { readonly kind: 'roll'; readonly ordinal: number; readonly moveLeaderTo?: string; readonly because: string };
