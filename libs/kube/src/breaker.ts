import { backoffMs, type Clock } from '@k0smotron/core';
import type { KubeClient } from './client.ts';
import { KubeError, UnreachableError } from './errors.ts';

/** How a {@link withBreaker breaker} judges. */
export interface BreakerOptions {
  /** Said first in the errors: `Cluster ns/name`. */
  readonly what: string;
  readonly clock: Clock;
  readonly random?: () => number;
}

/** A refused connection costs nothing; only a failure that took so long stops others from trying too. */
const slowMs = 2_000;
const probeLimitMs = 5_000;
const pauses = { baseMs: 5_000, capMs: 30_000 };

const calls = new Set<PropertyKey>([
  'get',
  'list',
  'listing',
  'create',
  'apply',
  'replace',
  'patch',
  'remove',
  'request',
] satisfies (keyof KubeClient)[]);

/** Anything else came from our side of the silence: a time limit, ours or the caller's own. */
const isAnswer = (error: unknown): boolean => error instanceof KubeError && error.status > 0;

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * The same client, which fails at once while the server is known to swallow calls, so that one dead cluster holds up one
 * caller at a time and not every reconcile for the whole time limit. After a pause the next call asks `/readyz` first; any
 * answer makes the server good again.
 */
export function withBreaker(client: KubeClient, { what, clock, random = Math.random }: BreakerOptions): KubeClient {
  let failures = 0;
  let closedUntilMs = -Infinity;
  let probing: Promise<void> | undefined;

  const failed = (): void => {
    failures += 1;
    closedUntilMs = clock.monotonicMs() + backoffMs(failures, pauses, random);
  };
  const probe = async (): Promise<void> => {
    try {
      await client.request({ method: 'GET', path: '/readyz' }, AbortSignal.timeout(probeLimitMs));
      failures = 0;
    } catch (cause) {
      failed();
      throw new UnreachableError(`${what} still does not answer`, { cause });
    }
  };
  const admit = async (): Promise<void> => {
    if (failures === 0) return;
    const leftMs = closedUntilMs - clock.monotonicMs();
    if (leftMs > 0) {
      throw new UnreachableError(`${what} does not answer, tried again in ${Math.ceil(leftMs / 1_000)} s`);
    }
    probing ??= probe().finally(() => (probing = undefined));
    await probing;
  };
  const guard =
    (method: Method): Method =>
    async (...args) => {
      await admit();
      const startedMs = clock.monotonicMs();
      try {
        return await method.apply(client, args);
      } catch (error) {
        if (!isAnswer(error) && clock.monotonicMs() - startedMs >= slowMs) failed();
        throw error;
      }
    };

  const guarded = new Map<PropertyKey, Method>();
  return new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      if (!calls.has(property)) return (value as Method).bind(target);
      const method = guarded.get(property) ?? guard(value as Method);
      guarded.set(property, method);
      return method;
    },
  });
}
