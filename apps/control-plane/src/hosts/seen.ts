import type { ClusterConfig } from '@k0smotron/api';
import type { EtcdObservation } from '@k0smotron/etcd';

/** What one host told of its own API server. */
export interface ControllerSeen {
  readonly apiReady: boolean;
  /** Why it is not, in words that stay the same while nothing changes (C-03). */
  readonly problem?: string;
}

/** What all hosts told, at one moment. */
export interface ControllersSeen {
  readonly byName: ReadonlyMap<string, ControllerSeen>;
  /** In the shape that the planner reads (SR-6). */
  readonly etcd: EtcdObservation;
}

/** What the API says through the endpoint, where everyone will talk to it. */
export interface EndpointSeen {
  /** uid of `kube-system`: the identity of the workload cluster. */
  readonly clusterUid?: string;
  /** The configuration that k0s shares between controllers, where the look asked for it. */
  readonly config?: ClusterConfig;
  /** Why it does not answer. Stable words: they end up in conditions (C-03). */
  readonly problem?: string;
}

/** One look at all hosts and the endpoint. */
export interface Look {
  readonly atMs: number;
  /** Which machines it was a look at; with others it says nothing. */
  readonly of: string;
  readonly seen: ControllersSeen;
  readonly endpoint: EndpointSeen;
  /** True when everything that was seen would tell if it ended: then a settled look holds for longer. */
  readonly watched: boolean;
  /** Set once the planner found nothing to do with it: then it holds for a while. */
  settled: boolean;
}
