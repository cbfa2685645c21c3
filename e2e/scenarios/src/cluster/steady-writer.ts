import { ConfigMap } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { setTimeout as delay } from 'node:timers/promises';

/** Somebody who writes to a workload cluster all the time, and remembers what was acknowledged. */
export interface SteadyWriter {
  readonly acknowledged: readonly string[];
  /** Longest time without a write that succeeded. */
  readonly longestGapMs: number;
  stop(): Promise<void>;
}

const limitMs = 3000;
const paceMs = 100;

/** Creates ConfigMaps one after another until stopped. A write that fails is forgotten, as its outcome is unknown. */
export function startSteadyWriter(workload: KubeClient): SteadyWriter {
  const acknowledged: string[] = [];
  const stop = new AbortController();
  let longestGapMs = 0;
  const run = async (): Promise<void> => {
    let lastMs = performance.now();
    for (let at = 0; !stop.signal.aborted; at += 1) {
      const metadata = { namespace: 'default', name: `written-${at}` };
      try {
        await workload.create(ConfigMap, { metadata, data: { at: String(at) } }, {}, AbortSignal.timeout(limitMs));
        acknowledged.push(metadata.name);
        longestGapMs = Math.max(longestGapMs, performance.now() - lastMs);
        lastMs = performance.now();
      } catch {
        // tried again under the next name
      }
      await delay(paceMs);
    }
  };
  const ended = run();
  return {
    acknowledged,
    get longestGapMs() {
      return longestGapMs;
    },
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

/** The writes that were acknowledged and are not there: none must be. */
export async function lostWrites(workload: KubeClient, { acknowledged }: SteadyWriter): Promise<string[]> {
  const stored = new Set(
    (await workload.list(ConfigMap, { namespace: 'default' })).map(({ metadata }) => metadata.name),
  );
  return acknowledged.filter((name) => !stored.has(name));
}
