import { expect } from '@jest/globals';
import { K0smotronControlPlane } from '@k0smotron/api';
import { eventually } from '@k0smotron/testing';
import { clusterKey, conditionOf } from '../cluster/lab-cluster.ts';
import { gapText, type SteadyWriter } from '../cluster/steady-writer.ts';
import type { Installation } from '../clusterctl/installation.ts';

/** Waits until the control plane complains in these words about its API servers. */
export const complains = ({ kube }: Installation, words: string): Promise<void> =>
  eventually(
    async () => {
      const plane = await kube.get(K0smotronControlPlane, clusterKey);
      expect(conditionOf(plane, 'APIServerReady')).toMatchObject({
        ...{ status: 'False', message: expect.stringContaining(words) },
      });
    },
    { timeoutMs: 3 * 60_000, everyMs: 500, what: `a condition that says ${words}` },
  );

/** That writes go through now: some more of them are acknowledged. */
export async function stillWrites({ acknowledged }: SteadyWriter): Promise<void> {
  const before = acknowledged.length;
  await eventually(() => expect(acknowledged.length).toBeGreaterThan(before + 20), {
    ...{ timeoutMs: 60_000, everyMs: 100, what: 'twenty more writes' },
  });
}

/** Nobody waits for an answer longer than that, whatever is broken: generous, since the machine has other work. */
const gapAtMostMs = 60_000;

/** Does some harm under a writer, and says how long it took to heal and how long nobody could write. */
export async function underWriter(what: string, writer: SteadyWriter, harm: () => Promise<void>): Promise<void> {
  writer.takeLongestGap();
  const startedAt = performance.now();
  await harm();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const gap = writer.takeLongestGap();
  console.log(`${what}: healed after ${seconds} s, ${gapText(gap)}`);
  expect(gap.ms).toBeLessThan(gapAtMostMs);
}
