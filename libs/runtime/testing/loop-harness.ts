import {
  silentLogger,
  silentMeter,
  type Kind,
  type KubeObject,
  type Logger,
  type Meter,
  type Outcome,
} from '@k0smotron/core';
import { fakeKube, type FakeKube, type SeedObject } from '@k0smotron/kube/testing';
import { fakeClock, type FakeClock } from '@k0smotron/testing';
import { defineController, type Controller } from '../src/controller.ts';
import { ControllerLoop } from '../src/controller/controller-loop.ts';
import { EventRecorder } from '../src/controller/event-recorder.ts';
import { Informers } from '../src/controller/informers.ts';
import { fenced } from '../src/leader.ts';
import type { Run } from '../src/run.ts';

/** A kind to play with. */
export interface Toy extends KubeObject {
  readonly spec?: { readonly want?: string; readonly paused?: boolean };
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Its name. */
export const ToyKind: Kind<Toy> = { group: 'toys.test', version: 'v1', kind: 'Toy', plural: 'toys', namespaced: true };

/** A toy as seeded into a fake API server. */
export const aToy = (name: string, want = 'x', over: Record<string, unknown> = {}): SeedObject =>
  ({
    apiVersion: 'toys.test/v1',
    kind: 'Toy',
    metadata: { name, namespace: 'ns', generation: 1 },
    spec: { want },
    ...over,
  }) as SeedObject;

/** A controller of toys in a process of its own, on a fake API server and a clock that only moves when told. */
export interface LoopHarness {
  readonly kube: FakeKube;
  readonly clock: FakeClock;
  /** False once set: as if the lease was lost. */
  leading: boolean;
  /** Moves time on until the check passes. Gives up after 20 min of it. */
  readonly until: (check: () => void | Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A controller of toys, as far as a test cares. */
export type ToyController = Partial<Omit<Controller<Toy>, 'reconcile'>> & {
  readonly reconcile: (run: Run<Toy>, signal: AbortSignal) => Outcome | Promise<Outcome>;
};

/** With what a loop starts. */
export interface HarnessOptions {
  readonly objects?: readonly SeedObject[];
  /** Kinds that the server does not serve yet. */
  readonly unserved?: readonly Kind[];
  readonly logger?: Logger;
  readonly meter?: Meter;
}

/** Starts a loop for a controller of toys and waits until its caches are full. */
export async function startLoop(controller: ToyController, options: HarnessOptions = {}): Promise<LoopHarness> {
  const clock = fakeClock();
  const kube = fakeKube({ clock, objects: options.objects ?? [] });
  for (const kind of options.unserved ?? []) kube.unserve(kind);
  const { logger = silentLogger, meter = silentMeter } = options;
  const informers = new Informers({ kube, clock, logger, meter });
  const events = new EventRecorder({ kube, clock, logger, reportingInstance: 'test' });
  const parts = { informers, clock, logger, meter, events, concurrency: 4, resyncMs: 600_000, random: () => 0.5 };
  const whole = { name: 'toy', kind: ToyKind, permissions: [], conditionTypes: ['Ready', 'Paused'] };
  const reconcile = async (run: Run<Toy>, signal: AbortSignal): Promise<Outcome> =>
    await controller.reconcile(run, signal);
  const loop = new ControllerLoop(defineController<Toy>({ ...whole, ...controller, reconcile }), {
    ...parts,
    redact: (text) => text,
  });
  const watching = new AbortController();
  informers.start(watching.signal);
  await informers.whenSynced(watching.signal);

  const harness: LoopHarness = {
    kube,
    clock,
    leading: true,
    until: (check) => until(clock, check),
    stop: async () => {
      const stopped = loop.stop(0);
      for (let round = 0; round < 50; round += 1) await clock.advance(200);
      await stopped;
      watching.abort();
    },
  };
  const leader = {
    term: { leaseUid: 'uid', transitions: 3, acquiredAtMs: 0 },
    stillHeld: () => harness.leading,
  };
  // Later, so that a test has the harness in hand when its reconcile first runs.
  setImmediate(() => loop.start({ leader, kube: fenced(kube, leader) }));
  return harness;
}

async function until(clock: FakeClock, check: () => void | Promise<void>): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      return await check();
    } catch (error) {
      if (round === 6000) throw error;
    }
    await clock.advance(200);
  }
}
