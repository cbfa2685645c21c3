import { randomUUID } from 'node:crypto';
import {
  done,
  lookAgain,
  silentLogger,
  silentMeter,
  systemClock,
  type Kind,
  type KubeObject,
  type ObjectKey,
  type Outcome,
} from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { defineController, watch, type Controller } from '../src/controller.ts';
import { ControllerLoop } from '../src/controller/controller-loop.ts';
import { EventRecorder } from '../src/controller/event-recorder.ts';
import { Informers } from '../src/controller/informers.ts';
import { fenced } from '../src/leader.ts';
import type { Run } from '../src/run.ts';

/** `v1` ConfigMap. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}
export const ConfigMap: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

const parentOf = ({ metadata }: ConfigMap): string => metadata.labels?.['parent'] ?? '';

/** How a {@link toyController} makes children. */
export interface ToyOptions {
  /** Children get names by chance, so that only the runtime keeps a second one from being made. */
  readonly namesByChance?: boolean;
  /** Leaves out `expectWritten`: what the runtime protects from. */
  readonly careless?: boolean;
  readonly before?: (run: Run<ConfigMap>, signal: AbortSignal) => Promise<void>;
  readonly over?: Partial<Controller<ConfigMap>>;
}

/** Each parent ConfigMap gets one child that says what the parent wants. */
export function toyController({ namesByChance, careless, before, over }: ToyOptions = {}): Controller {
  const reconcile = async (run: Run<ConfigMap>, signal: AbortSignal): Promise<Outcome> => {
    await before?.(run, signal);
    const { namespace = '', name } = run.key;
    const want = run.object.data?.['want'] ?? '';
    const [child] = run.caches.of(ConfigMap, 'toy=child').byIndex('parent', name);
    if (child?.data?.['want'] === want) return done;
    const written = child
      ? await run.kube.patch(ConfigMap, { namespace, name: child.metadata.name }, mergeOf({ want }), {}, signal)
      : await run.kube.create(
          ConfigMap,
          {
            metadata: {
              name: namesByChance ? `${name}-${randomUUID()}` : `${name}-child`,
              namespace,
              labels: { toy: 'child', parent: name },
            },
            data: { want },
          },
          {},
          signal,
        );
    if (!careless) run.expectWritten(written);
    return lookAgain(0, 'looking whether it is so');
  };
  return toyWith({ reconcile, ...over });
}

/** A controller of parents that is woken by their children, too. */
export const toyWith = (own: Pick<Controller<ConfigMap>, 'reconcile'> & Partial<Controller<ConfigMap>>): Controller =>
  defineController<ConfigMap>({
    name: 'toy',
    kind: ConfigMap,
    labelSelector: 'toy=parent',
    permissions: [],
    conditionTypes: [],
    watches: [
      watch(ConfigMap, (child) => [{ namespace: child.metadata.namespace ?? '', name: parentOf(child) }], {
        labelSelector: 'toy=child',
        indexes: { parent: (child) => [parentOf(child)] },
      }),
    ],
    ...own,
  });

const mergeOf = (data: Readonly<Record<string, string>>) => ({ type: 'merge', body: { data } }) as const;

/** A loop that runs in this process. */
export interface RunningLoop {
  wake(key: ObjectKey): void;
  stop(): Promise<void>;
}

/** Runs a controller as its process would, without leader election. Watches and lists go through a client of their own. */
export async function runLoop(
  controller: Controller,
  {
    watching,
    writing,
    namespace,
  }: { readonly watching: KubeClient; readonly writing: KubeClient; readonly namespace: string },
): Promise<RunningLoop> {
  const [clock, logger, meter] = [systemClock, silentLogger, silentMeter];
  const informers = new Informers({ kube: watching, clock, logger, meter, namespace });
  const events = new EventRecorder({ kube: writing, clock, logger, reportingInstance: 'test' });
  const waking = { wake: (_: ObjectKey): void => undefined };
  const source = (enqueue: (key: ObjectKey) => void): (() => void) => {
    waking.wake = enqueue;
    return () => undefined;
  };
  const loop = new ControllerLoop(
    { ...controller, sources: [source] },
    { informers, clock, logger, meter, events, redact: (text) => text, concurrency: 4, resyncMs: 600_000 },
  );
  const over = new AbortController();
  informers.start(over.signal);
  await informers.whenSynced(over.signal);
  const leader = { term: { leaseUid: 'uid', transitions: 1, acquiredAtMs: 0 }, stillHeld: () => true };
  loop.start({ leader, kube: fenced(writing, leader) });
  return {
    wake: (key) => waking.wake(key),
    stop: async () => {
      await loop.stop(100);
      over.abort();
      await informers.whenStopped();
    },
  };
}
