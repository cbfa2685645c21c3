import { labels, Node } from '@k0smotron/api';
import { keyOf, type Logger, type ObjectKey } from '@k0smotron/core';
import { Cache, reflect, type KubeClient } from '@k0smotron/kube';

interface NodeWatch {
  readonly stop: AbortController;
  readonly client: KubeClient;
  /** Keys of the Machines whose Node is awaited, by Machine name. */
  readonly awaited: Map<string, ObjectKey>;
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

  /** Wakes the Machine when a Node of its name or label comes or changes. */
  watchFor(cluster: ObjectKey, machine: ObjectKey, client: KubeClient): void {
    const id = keyOf(cluster);
    const before = this.#watches.get(id);
    before?.awaited.set(machine.name, machine);
    if (before?.client === client) return;
    before?.stop.abort(); // the cluster's credentials changed
    const awaited = before?.awaited ?? new Map([[machine.name, machine]]);
    const watch = { stop: new AbortController(), client, awaited };
    this.#watches.set(id, watch);
    this.#start(watch);
  }

  /** The Machine waits no more. */
  release(cluster: ObjectKey, machine: ObjectKey): void {
    const watch = this.#watches.get(keyOf(cluster));
    if (!watch?.awaited.delete(machine.name) || watch.awaited.size > 0) return;
    watch.stop.abort();
    this.#watches.delete(keyOf(cluster));
  }

  /** Stops every watch. */
  close(): void {
    for (const { stop } of this.#watches.values()) stop.abort();
    this.#watches.clear();
  }

  #start({ stop, client, awaited }: NodeWatch): void {
    const sink = new Cache<Node>();
    sink.onChange(({ type, object: { metadata } }) => {
      // A Node that goes may free the provider id that another one waits for (IM-03).
      if (type === 'removed') for (const machine of awaited.values()) this.#wake(machine);
      const machine = awaited.get(metadata.name) ?? awaited.get(metadata.labels?.[labels.machineName] ?? '');
      if (machine) this.#wake(machine);
    });
    void reflect({ client, kind: Node, sink, metadataOnly: true, logger: this.#logger }, stop.signal);
  }
}
