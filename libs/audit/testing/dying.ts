import type { KubeClient } from '@k0smotron/kube';

/** A client whose process dies after so many writes: the last one has landed, and nothing after it is known. */
export function dyingAfter(
  kube: KubeClient,
  writes: number,
): { readonly kube: KubeClient; readonly died: AbortSignal } {
  const death = new AbortController();
  let left = writes;
  const mortal = new Proxy(kube, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        death.signal.throwIfAborted();
        const result: unknown = await Reflect.apply(value, target, args);
        if (isWrite(property) && (left -= 1) <= 0) death.abort(new Error('killed'));
        death.signal.throwIfAborted();
        return result;
      };
    },
  });
  return { kube: mortal, died: death.signal };
}

const isWrite = (property: PropertyKey): boolean =>
  ['create', 'apply', 'replace', 'patch', 'remove'].includes(String(property));
