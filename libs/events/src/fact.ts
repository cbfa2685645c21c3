/**
 * How a lost fact comes back (SR-8). `state`: it can be derived again while its object lives. `audit`: it cannot, since it
 * tells of an effect and not of a state.
 */
export type FactClass = 'state' | 'audit';

/** The services that publish. */
export type Service = 'bootstrap' | 'control-plane' | 'infrastructure' | 'etcd-snapshot';

/** The object that a fact is about. Every kind we publish about is namespaced. */
export interface FactObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Name of the Cluster API cluster; absent for an object that belongs to none. */
  readonly cluster?: string;
}

/** Some object in the namespace of the fact's own object. */
export interface NamedObject {
  readonly name: string;
  readonly uid: string;
}

/**
 * One fact in the past tense, as a CloudEvents 1.0 event in JSON. It is published after the state it tells of is in
 * Kubernetes, never instead of it (SR-9), and never holds a secret.
 */
export interface Fact<D extends object = object> {
  readonly specversion: '1.0';
  /** The same for every telling of the same transition, so that a repeat is recognised. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** When the transition was told, RFC 3339 in UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** CloudEvents extension attribute, hence the lower-case name. */
  readonly factclass: FactClass;
  readonly data: FactPayload<D>;
}

/** What the event's `data` holds: the object, and what the fact says of it. */
export interface FactPayload<D extends object = object> {
  readonly service: Service;
  readonly fact: string;
  readonly object: FactObject;
  readonly details: D;
  /** Of audit facts whose effect may or may not have happened: its service died, and nobody came back to it. */
  readonly outcome?: 'unknown';
}
