import { labels, Node } from '@k0smotron/api';
import { keyOf, type Logger, type ObjectKey } from '@k0smotron/core';
import { Cache, reflect, type KubeClient, type Sink } from '@k0smotron/kube';
import { sharesAddress } from './find-node.ts';

/** A Machine whose Node has not been seen yet. */
export interface AwaitingMachine {
  readonly key: ObjectKey;
  /** Where its Node answers, when that tells which it is. */
  readonly addresses: readonly string[];
}

interface NodeWatch {
  readonly stop: AbortController;
  readonly client: KubeClient;
  /** By Machine name. */
  readonly awaited: Map<string, AwaitingMachine>;
  /** Addresses are in the status, which costs memory and traffic that names do not. */
  readonly withAddresses: boolean;
}

/** One watch on the Nodes of each cluster in which a Machine waits for its Node, and none in the others. */
export class NodeWatches {
  readonly #logger: Logger;
  readonly #watches = new Map<string, NodeWatch>();
  #wake: (key: ObjectKey) => void = () => undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The key source of the controller. */
  readonly source = (enqueue: (key: ObjectKey) => void): (() => void) => {
    this.#wake = enqueue;
    return () => this.close();
  };

  /** Wakes the Machine when a Node of its name, label or address comes or changes. */
  watchFor(cluster: ObjectKey, machine: AwaitingMachine, client: KubeClient): void {
    const id = keyOf(cluster);
    const before = this.#watches.get(id);
    const awaited = before?.awaited ?? new Map<string, AwaitingMachine>();
    awaited.set(machine.key.name, machine);
    const withAddresses = machine.addresses.length > 0 || (before?.withAddresses ?? false);
    if (before?.client === client && before.withAddresses === withAddresses) return;
    before?.stop.abort(); // the cluster's credentials changed, or more has to be seen
    const watch = { stop: new AbortController(), client, awaited, withAddresses };
    this.#watches.set(id, watch);
    this.#start(watch);
  }

  /** The Machine waits no more. */
  release(cluster: ObjectKey, { name }: { readonly name: string }): void {
    const watch = this.#watches.get(keyOf(cluster));
    if (!watch?.awaited.delete(name) || watch.awaited.size > 0) return;
    watch.stop.abort();
    this.#watches.delete(keyOf(cluster));
  }

  /** Stops every watch. */
  close(): void {
    for (const { stop } of this.#watches.values()) stop.abort();
    this.#watches.clear();
  }

  #start({ stop, client, awaited, withAddresses }: NodeWatch): void {
    const seen = new Cache<Node>();
    seen.onChange(({ type, object }) => {
      // A Node that goes may free the provider id that another one waits for (IM-03).
      const woken = [...awaited.values()].filter((machine) => type === 'removed' || isOf(machine, object));
      for (const { key } of woken) this.#wake(key);
    });
    const sink = withAddresses ? slimmed(seen) : seen;
    void reflect({ client, kind: Node, sink, metadataOnly: !withAddresses, logger: this.#logger }, stop.signal);
  }
}

const isOf = ({ key: { name }, addresses }: AwaitingMachine, node: Node): boolean =>
  node.metadata.name === name || node.metadata.labels?.[labels.machineName] === name || sharesAddress(node, addresses);

/** Keeps of each Node what tells whose it is: images and conditions of hundreds of Nodes would fill the memory (ER-5). */
function slimmed(cache: Cache<Node>): Sink<Node> {
  const slim = ({ apiVersion, kind, metadata, status }: Node): Node => ({
    apiVersion,
    kind,
    metadata,
    spec: {},
    ...(status?.addresses ? { status: { addresses: status.addresses } } : {}),
  });
  return {
    replace: (items, resourceVersion) => cache.replace(items.map(slim), resourceVersion),
    put: (node) => cache.put(slim(node)),
    remove: (node) => cache.remove(slim(node)),
    progressed: (resourceVersion) => cache.progressed(resourceVersion),
  };
}
