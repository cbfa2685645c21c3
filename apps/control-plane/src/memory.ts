import type { EndpointSeen, Look } from './hosts/seen.ts';
import type { EndpointWatch } from './hosts/watch-endpoint.ts';
import type { FoundCertificates } from './secrets/cluster-certificates.ts';

/** What the runs for one control plane leave to later ones of this process. Losing it costs requests and nothing else. */
export interface PlaneMemory {
  /** The last look at the controllers. */
  look?: Look;
  /** What the endpoint said, and what stands there since. */
  endpoint?: { readonly of: string; readonly seen: EndpointSeen; readonly watch: EndpointWatch };
  /** Stands on the Plan of Autopilot while a controller is updated in place. */
  planWatch?: EndpointWatch;
  /** When what the machines stand on (template, certificates, kubeconfig) was last found whole, and for what. */
  groundwork?: { readonly of: string; readonly atMs: number; readonly certificates: FoundCertificates };
  /** The last write of the shared configuration that the cluster did not store as it was written. */
  config?: { readonly hash: string; readonly resourceVersion: string };
  /** As JSON: what was last propagated to infrastructure of other providers, by the Machine's uid, and `uid/taints` that core refused. */
  readonly propagated: Map<string, string>;
  /** uids of RemoteMachines whose hosts may have an SSH session open. */
  readonly hosts: Set<string>;
}

/** The memories of all control planes, by uid. */
export class PlaneMemories {
  readonly #byUid = new Map<string, PlaneMemory>();

  /** The memory of one control plane; empty at first. */
  of(uid: string): PlaneMemory {
    const memory = this.#byUid.get(uid) ?? { hosts: new Set<string>(), propagated: new Map<string, string>() };
    this.#byUid.set(uid, memory);
    return memory;
  }

  /** For a control plane that is gone. */
  forget(uid: string): void {
    const memory = this.#byUid.get(uid);
    memory?.endpoint?.watch.close();
    memory?.planWatch?.close();
    this.#byUid.delete(uid);
  }
}
