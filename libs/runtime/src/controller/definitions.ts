import type { Kind, KubeObject } from '@k0smotron/core';
import type { Sink } from '@k0smotron/kube';

/** Only metadata is read of it: its name says which kind it defines. */
export const CustomResourceDefinition: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/**
 * Tells when kinds may have come to be served, by their CustomResourceDefinitions. Keeps none of them: each may carry hundreds
 * of kilobytes of annotations. That one is there does not mean that its kind is served; asking for the kind tells that.
 */
export class Definitions implements Sink {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Calls `listener` when the definition of the kind has changed, or may have; returns the way to stop. */
  onChange({ plural, group }: Pick<Kind, 'plural' | 'group'>, listener: () => void): () => void {
    const name = `${plural}.${group}`;
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** A list may hide changes of any of them. */
  replace(): void {
    for (const name of this.#listeners.keys()) this.#tell(name);
  }

  put({ metadata }: KubeObject): void {
    this.#tell(metadata.name);
  }

  remove(): void {
    // A kind that is no more is noticed by who watches it.
  }

  progressed(): void {
    // Nothing has changed.
  }

  #tell(name: string): void {
    for (const listener of this.#listeners.get(name) ?? []) listener();
  }
}
