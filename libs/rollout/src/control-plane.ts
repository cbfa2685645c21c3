import type { Change } from './classify.ts';
import type { EtcdView } from './etcd-view.ts';
import type { RemediationPolicy, RemediationRecord } from './remediation.ts';

/** One Machine of a control plane with all that was observed about it. */
export interface ControlPlaneMachine {
  readonly name: string;
  /** RFC 3339; ties are broken by name. */
  readonly createdAt: string;
  /** Where it answers; finds its member when that is not named like the machine. */
  readonly addresses?: readonly string[];
  readonly deleting: boolean;
  /** Deleting, drained, and nothing but our pre-terminate hook is left (CP-28). */
  readonly awaitsHook?: boolean;
  /** Deleting, and our hook is gone: it has left etcd, only its host is still being cleaned. Nobody waits for it. */
  readonly released?: boolean;
  /** What it takes to make it as it is wanted. */
  readonly change: Change;
  /** Its member is a started voter and its API server answers. */
  readonly ready: boolean;
  /** Why it is not ready, for the user. */
  readonly notReadyBecause?: string;
  /** A health check decided that it must be replaced. */
  readonly failed?: boolean;
  /** It was made in place of a failed one. */
  readonly replaces?: RemediationRecord;
  /** Carries Cluster API's `delete-machine` annotation (CP-26). */
  readonly preferredVictim?: boolean;
  readonly failureDomain?: string;
}

/** The control plane as it is. */
export interface ObservedControlPlane {
  readonly machines: readonly ControlPlaneMachine[];
  /** `unmanaged`: kine or an external etcd (CP-17), where machines are no members. */
  readonly etcd: EtcdView | 'unmanaged';
  /**
   * An API server of this control plane has answered before (CP-10). Without it nothing is asked of etcd, so it must not get
   * lost: `clusterctl move` drops status (SR-1), keep it in an annotation too.
   */
  readonly initialized: boolean;
  /** A failed machine was deleted, and none has been made in its place yet. */
  readonly remediation?: RemediationRecord;
  /** Milliseconds since the epoch; only remediation argues about time. */
  readonly nowMs: number;
}

/** True once there is anything to lose: it was initialised, or etcd shows members whatever the marks say. */
export const holdsData = ({ etcd, initialized }: ObservedControlPlane): boolean =>
  initialized || (etcd !== 'unmanaged' && etcd.members.length > 0);

/** The control plane as it should be. */
export interface DesiredControlPlane {
  readonly controlPlane: string;
  readonly uid: string;
  readonly replicas: number;
  readonly strategy: 'InPlace' | 'Recreate' | 'RecreateDeleteFirst';
  /** Number of the next machine: see {@link nextMachine}. */
  readonly counter: number;
  /** Failure domains that may hold controllers; none when the infrastructure has none. */
  readonly failureDomains?: readonly string[];
  /** Why nothing of the wanted version may be made while the present ones run, with the version that may (CP-08). */
  readonly versionProblem?: string;
  readonly remediation?: RemediationPolicy;
}

/** The one thing to do now. */
export type Move =
  | { readonly kind: 'settled' }
  | { readonly kind: 'hold'; readonly because: string }
  /** Make a machine; `ordinal + 1` becomes the counter once it exists. */
  | {
      readonly kind: 'add';
      readonly name: string;
      readonly ordinal: number;
      readonly failureDomain?: string;
      /** The remediation that this machine ends; to be kept on it. */
      readonly replaces?: RemediationRecord;
    }
  /** Delete the Machine object; its member leaves later, through the hook. A record is to be kept before that. */
  | {
      readonly kind: 'remove';
      readonly name: string;
      readonly because: string;
      readonly remediation?: RemediationRecord;
    }
  /** Take the member of a deleting machine out of etcd, after leadership has moved away if it holds it. */
  | { readonly kind: 'leave'; readonly name: string; readonly memberId: string; readonly moveLeaderTo?: string }
  /** Take a member out of etcd that no machine explains, such as that of a machine which was removed by force. */
  | { readonly kind: 'evict'; readonly memberId: string; readonly because: string }
  /** Nothing ties the deleting machine to etcd any more: drop our hook. */
  | { readonly kind: 'release'; readonly name: string }
  /** Update this machine where it is. */
  | { readonly kind: 'update'; readonly name: string };
