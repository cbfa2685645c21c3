import { afterEach, describe, expect, it } from '@jest/globals';
import { done, type Kind, type Outcome } from '@k0smotron/core';
import type { SeedObject } from '@k0smotron/kube/testing';
import { aToy, startLoop, ToyKind, type HarnessOptions, type LoopHarness } from '../../testing/loop-harness.ts';
import { watch } from '../controller.ts';

const Other: Kind = { group: 'toys.test', version: 'v1', kind: 'Other', plural: 'others', namespaced: true };
const definitionOf = ({ plural, group }: Kind): SeedObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
});

let harness: LoopHarness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

/** A controller of toys that watches others, and the toys that it served in order. */
async function start(options: HarnessOptions & { readonly optional?: boolean } = {}) {
  const served: string[] = [];
  const reconcile = ({ key: { name } }: { readonly key: { readonly name: string } }): Outcome => {
    served.push(name);
    return done;
  };
  const { optional = false, ...rest } = options;
  const watches = [watch(Other, ({ metadata }) => [metadata], { optional })];
  harness = await startLoop({ reconcile, watches }, { objects: [aToy('a')], ...rest });
  const { until, kube, clock } = harness;
  const asked = (kind: Kind): number =>
    kube.calls.filter(({ verb, what }) => verb === 'list' && what === kind.kind).length;
  const pass = async (minutes: number): Promise<void> => {
    for (let seconds = 0; seconds < 60 * minutes; seconds += 1) await clock.advance(1_000);
  };
  const install = async (kind: Kind): Promise<void> => {
    kube.serve(kind);
    kube.seed(definitionOf(kind));
    await clock.advance(500); // the pause before the watch of definitions begins
  };
  return { served, until, kube, asked, pass, install, nowMs: () => clock.monotonicMs() };
}

describe('a controller of which a kind is not served', () => {
  it.each([
    ['its own', ToyKind],
    ['one that it watches', Other],
  ])('begins when %s is installed, and hardly asks until then', async (_, kind) => {
    const { served, until, asked, pass, install, nowMs } = await start({ unserved: [kind] });
    await pass(30);
    expect(served).toEqual([]);
    expect(asked(kind)).toBeLessThan(20);
    await install(kind);
    const atMs = nowMs();
    await until(() => expect(served).toEqual(['a']));
    expect(nowMs() - atMs).toBeLessThan(10_000); // told, not found at the next look
  });

  it('does not wait for a kind that is optional, and is woken by it later', async () => {
    const { served, until, kube, install } = await start({ unserved: [Other], optional: true });
    await until(() => expect(served).toEqual(['a']));
    kube.seed({ apiVersion: 'toys.test/v1', kind: 'Other', metadata: { name: 'a', namespace: 'ns' } });
    await install(Other);
    await until(() => expect(served).toEqual(['a', 'a']));
  });

  it('pauses when a kind is served no more, and goes on with what was waiting when it is again', async () => {
    const { served, until, kube, asked, pass, install } = await start();
    await until(() => expect(served).toEqual(['a']));
    const lists = asked(Other);
    kube.unserve(Other);
    await until(() => expect(asked(Other)).toBeGreaterThan(lists));
    kube.seed(aToy('b'));
    await pass(2);
    expect(served).toEqual(['a']);
    await install(Other);
    await until(() => expect(served.toSorted()).toEqual(['a', 'b']));
  });
});
