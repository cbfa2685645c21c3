import { describe, expect, it } from '@jest/globals';
import { done, lookAgain, type ObjectKey } from '@k0smotron/core';
import { UnreachableError } from '@k0smotron/kube';
import fc from 'fast-check';
import { aToy, startLoop, ToyKind, type LoopHarness } from '../../testing/loop-harness.ts';

const name = fc.constantFrom('a', 'b', 'c');
const event = fc.oneof(
  fc.record({ what: fc.constant('change' as const), name, want: fc.constantFrom('x', 'y', 'z') }),
  fc.record({ what: fc.constant('remove' as const), name }),
  // Facts from elsewhere: any of them may come twice, late, for nothing, or not at all.
  fc.record({ what: fc.constant('fact' as const), name }),
  fc.record({ what: fc.constant('watches cut' as const) }),
  fc.record({ what: fc.constant('watches expired' as const) }),
  fc.record({ what: fc.constant('list fails' as const) }),
  fc.record({ what: fc.constant('run fails' as const) }),
  fc.record({ what: fc.constant('time passes' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** A world outside of Kubernetes that a controller keeps equal to what the toys want. */
function aWorld() {
  const made = new Map<string, string>();
  const active = new Set<string>();
  const world = { made, failures: 0, doubleRuns: 0, wake: (_: ObjectKey): void => undefined };
  const controller = {
    resyncMs: 30_000,
    sources: [
      (enqueue: (key: ObjectKey) => void) => {
        world.wake = enqueue;
        return () => undefined;
      },
    ],
    reconcile: async ({ object, clock }: Parameters<Parameters<typeof startLoop>[0]['reconcile']>[0]) => {
      const { name: toy } = object.metadata;
      if (active.has(toy)) world.doubleRuns += 1;
      active.add(toy);
      try {
        await clock.sleep(50); // others may run or change meanwhile
        if (world.failures > 0) {
          world.failures -= 1;
          throw new Error('no luck');
        }
        const want = object.spec?.want ?? '';
        if (made.get(toy) === want) return done;
        made.set(toy, want);
        return lookAgain(0, 'looking whether it holds');
      } finally {
        active.delete(toy);
      }
    },
  };
  return { world, controller };
}

async function apply(
  happening: Event,
  { kube, clock }: LoopHarness,
  world: ReturnType<typeof aWorld>['world'],
): Promise<void> {
  switch (happening.what) {
    case 'change':
      return void kube.seed(aToy(happening.name, happening.want));
    case 'remove':
      return kube.remove(ToyKind, { namespace: 'ns', name: happening.name });
    case 'fact':
      return world.wake({ namespace: 'ns', name: happening.name });
    case 'watches cut':
      return kube.cutWatches();
    case 'watches expired':
      kube.expireWatches();
      return kube.cutWatches();
    case 'list fails':
      return kube.failNext('list', new UnreachableError('cut'));
    case 'run fails':
      return void (world.failures += 1);
    case 'time passes':
      return clock.advance(happening.ms);
  }
}

describe('a controller, whatever order events come in, dropped or doubled', () => {
  it('brings the world to the same end state and never runs a key twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const { world, controller } = aWorld();
        const harness = await startLoop(controller, { objects: [aToy('a'), aToy('b'), aToy('c')] });
        await harness.clock.advance(0);
        for (const happening of events) await apply(happening, harness, world);
        await harness.until(async () => {
          for (const { metadata, spec } of await harness.kube.list(ToyKind)) {
            expect(world.made.get(metadata.name)).toBe(spec?.want);
          }
        });
        await harness.stop();
        expect(world.doubleRuns).toBe(0);
      }),
      { numRuns: 60, seed: 20261121 },
    );
  });
});
