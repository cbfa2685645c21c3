import type { KubeClient } from '@k0smotron/kube';
import type { Term } from './run.ts';

/** The right of this process to act. */
export interface Leader {
  readonly term: Term;
  /** By the local monotonic clock alone; false once the renewals stopped in time, for ever (SR-7). */
  stillHeld(): boolean;
}

/** An effect was refused because another process may lead by now. The process is about to end. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** `<lease uid>/<transitions>`, as journals on hosts keep it. */
export const epochOf = ({ leaseUid, transitions }: Term): string => `${leaseUid}/${transitions}`;

const writes = new Set<PropertyKey>(['create', 'apply', 'replace', 'patch', 'remove']);

/**
 * The same client, whose writes are refused at once when the leadership is gone. Costs no request: what keeps a write that
 * is already on its way harmless are its preconditions and deterministic names (SR-7).
 */
export function fenced(kube: KubeClient, leader: Leader): KubeClient {
  return new Proxy(kube, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        if (writesWith(property, args) && !leader.stillHeld()) {
          return Promise.reject(new LeadershipLostError('this process no longer leads: nothing was written'));
        }
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function writesWith(method: PropertyKey, [options]: readonly unknown[]): boolean {
  if (method !== 'request') return writes.has(method);
  return (options as { readonly method?: string } | undefined)?.method?.toUpperCase() !== 'GET';
}
