import type { PlaneCertificates } from './plane.ts';
import type { HostingProblem } from './hosting-claim.ts';
import type { Ways } from './reach.ts';

/** What the runs for one hosted plane leave to later ones of this process. Losing it costs requests and nothing else. */
export interface HostedMemory {
  /** When certificates and kubeconfig were last found whole, and for what. */
  secrets?: { readonly of: string; readonly atMs: number; readonly certificates: PlaneCertificates };
  /** What was last said of the place in another cluster, when, and by which client. */
  hosting?: {
    readonly of: object;
    readonly synced: boolean;
    readonly atMs: number;
    readonly problem: HostingProblem | undefined;
  };
  /** What was last found in the way of workers, when, and for which pods and endpoint. */
  ways?: { readonly of: string; readonly atMs: number; readonly found: Ways };
  /** When the Services of etcd's members were first seen, by uid, on the monotonic clock. */
  servicesSeenMs?: ReadonlyMap<string, number>;
}

/** The memories of all hosted planes, by uid. */
export class HostedMemories {
  readonly #byUid = new Map<string, HostedMemory>();

  /** The memory of one plane; empty at first. */
  of(uid: string): HostedMemory {
    const memory = this.#byUid.get(uid) ?? {};
    this.#byUid.set(uid, memory);
    return memory;
  }

  /** For a plane that is gone. */
  forget(uid: string): void {
    this.#byUid.delete(uid);
  }
}
