import { hostname } from 'node:os';
import { aborted, messageOf, systemClock, type Clock } from '@k0smotron/core';
import { ControllerLoop } from './controller/controller-loop.ts';
import { EventRecorder } from './controller/event-recorder.ts';
import { Informers } from './controller/informers.ts';
import { epochOf, fenced } from './leader.ts';
import { campaign, type Leadership } from './leadership.ts';
import { openListeners } from './listeners.ts';
import type { Leading, ManagerOptions, TelemetryPort } from './manager-options.ts';

/** Runs may end by themselves for so long before they are aborted. */
const patienceMs = 6000;
/** Kubernetes kills after 30 s: another replica shall lead long before. */
const longestStopMs = 10_000;

/**
 * Runs a service until its signal aborts: webhooks and probes first, on every replica (ER-4), then caches, then leadership,
 * then workers. At the end in reverse: workers drain for at most 10 s or so, the lease is released, listeners close. A lost
 * lease ends the process at once with exit code 1 (SR-7): nothing may be written any more.
 *
 * @throws ConfigError for what the operator must change: certificate, ports, namespace of the lease.
 */
export async function runManager(options: ManagerOptions): Promise<void> {
  const { config, telemetry, clock = systemClock, signal } = options;
  const { logger } = telemetry;
  const closers: (() => Promise<void>)[] = [containStrays(telemetry)];
  try {
    await openListeners(options, clock, closers);
    logger.info('Started', { version: config.version });
    if (options.controllers.length > 0 || options.effects) await lead(options, clock);
    else await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error; // else: stopped while it began
  } finally {
    for (const close of closers.toReversed()) {
      await close().catch((error: unknown) => logger.warn('Closing failed', { error: messageOf(error) }));
    }
    logger.info('Stopped');
  }
}

/** A promise that nobody awaits must not take all keys down with it; what was thrown is not expected here, so it is told. */
function containStrays({ logger, meter }: TelemetryPort): () => Promise<void> {
  const contain = (error: unknown): void => {
    meter.count('stray_rejections');
    logger.error('A rejected promise was awaited by nobody', { error });
  };
  process.on('unhandledRejection', contain);
  return () => {
    process.off('unhandledRejection', contain);
    return Promise.resolve();
  };
}

/** Caches, then leadership, then workers, until the signal aborts; then the same way back. */
async function lead(options: ManagerOptions, clock: Clock): Promise<void> {
  const { config, kube, telemetry, controllers, signal } = options;
  const { logger, meter, redact = (text: string) => text } = telemetry;
  const scope = { namespace: config.namespace, watchFilter: config.watchFilter };
  const informers = new Informers({ kube, clock, logger, meter, ...scope });
  const { concurrency, syncPeriodMs: resyncMs } = config;
  const instance = config.podName ?? hostname();
  const events = new EventRecorder({ kube, clock, logger, reportingInstance: instance });
  const parts = { informers, clock, logger, meter, events, redact, concurrency, resyncMs };
  const loops = controllers.map((controller) => new ControllerLoop(controller, parts));

  const watching = new AbortController();
  let leadership: Leadership | undefined;
  meter.gauge('leading', () => [{ value: leadership?.stillHeld() ? 1 : 0 }]);
  try {
    informers.start(watching.signal);
    await informers.whenSynced(signal);
    leadership = await campaign({ config, kube, clock, logger, onLost: (why) => end(options, why) }, signal);
    const leading = { leader: leadership, kube: fenced(kube, leadership) };
    for (const loop of loops) loop.start(leading);
    await runEffects(options, { ...leading, epoch: epochOf(leadership.term), caches: informers, clock });
    await stopWork(options, clock, loops);
  } finally {
    await leadership?.release();
    watching.abort();
    await informers.whenStopped();
  }
}

/** Ends at once: after a lost lease any further effect could meet those of the next leader (SR-7). */
function end({ telemetry, exit = (code) => process.exit(code) }: ManagerOptions, why: string): void {
  telemetry.logger.error('Lost the lease, ending the process', { reason: why });
  exit(1);
}

/** Resolves when the signal has aborted and all effects have ended. An effect that fails stops the service. */
async function runEffects({ effects = [], signal }: ManagerOptions, leading: Leading): Promise<void> {
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const running = effects.map(async (effect) => {
    try {
      await effect(leading, until);
    } catch (error) {
      if (until.aborted) return;
      failed.abort(error);
      throw error;
    }
  });
  await Promise.all([...running, aborted(until)]);
}

/** Lets runs and jobs end for a while, whatever they do. */
async function stopWork(
  { telemetry, onStop = [] }: ManagerOptions,
  clock: Clock,
  loops: readonly ControllerLoop[],
): Promise<void> {
  const late = new AbortController();
  const stopped = Promise.allSettled([
    ...loops.map((loop) => loop.stop(patienceMs)),
    ...onStop.map(async (stop) => {
      await stop();
    }),
  ]);
  const limit = clock.sleep(longestStopMs, late.signal).then(
    () => telemetry.logger.warn('Not all work ended in time, stopping anyway'),
    () => undefined,
  );
  await Promise.race([stopped, limit]);
  late.abort();
}
