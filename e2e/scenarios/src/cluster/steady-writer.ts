import { ConfigMap } from '@k0smotron/api';
import { messageOf } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { setTimeout as delay } from 'node:timers/promises';

/** A time without a write that succeeded. */
export interface Gap {
  /** When the last write before it was acknowledged. */
  readonly since: Date;
  readonly ms: number;
  /** What the writes in it said, in order. */
  readonly failures: readonly string[];
}

/** Somebody who writes to a workload cluster all the time, and remembers what was acknowledged. */
export interface SteadyWriter {
  readonly acknowledged: readonly string[];
  /** The longest gap since it was last asked for. */
  takeLongestGap(): Gap;
  stop(): Promise<void>;
}

const limitMs = 3000;
const paceMs = 100;

/** Creates ConfigMaps one after another until stopped. A write that fails is forgotten, as its outcome is unknown. */
export function startSteadyWriter(workload: KubeClient): SteadyWriter {
  const acknowledged: string[] = [];
  const stop = new AbortController();
  let longest: Gap = { since: new Date(), ms: 0, failures: [] };
  const run = async (): Promise<void> => {
    let since = new Date();
    let failures: string[] = [];
    for (let at = 0; !stop.signal.aborted; at += 1) {
      const metadata = { namespace: 'default', name: `written-${at}` };
      try {
        await workload.create(ConfigMap, { metadata, data: { at: String(at) } }, {}, AbortSignal.timeout(limitMs));
        acknowledged.push(metadata.name);
        const ms = Date.now() - since.getTime();
        if (ms > longest.ms) longest = { since, ms, failures };
        [since, failures] = [new Date(), []];
      } catch (cause) {
        failures.push(messageOf(cause)); // tried again under the next name
      }
      await delay(paceMs);
    }
  };
  const ended = run();
  return {
    acknowledged,
    takeLongestGap: () => {
      const gap = longest;
      longest = { since: new Date(), ms: 0, failures: [] };
      return gap;
    },
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

/** A gap in one line. */
export const gapText = ({ since, ms, failures }: Gap): string =>
  `longest gap ${(ms / 1000).toFixed(1)} s after ${since.toISOString()}${failures.length ? `: ${failures.join(' | ')}` : ''}`;

/** The writes that were acknowledged and are not there: none must be. */
export async function lostWrites(workload: KubeClient, { acknowledged }: SteadyWriter): Promise<string[]> {
  const stored = new Set(
    (await workload.list(ConfigMap, { namespace: 'default' })).map(({ metadata }) => metadata.name),
  );
  return acknowledged.filter((name) => !stored.has(name));
}
