import { afterEach, describe, expect, it } from '@jest/globals';
import { done, lookAgain, TerminalError, waitingOn, type KubeObject } from '@k0smotron/core';
import { ConflictError } from '@k0smotron/kube';
import {
  aToy,
  startLoop,
  ToyKind,
  type LoopHarness,
  type Toy,
  type ToyController,
} from '../../testing/loop-harness.ts';
import { watch } from '../controller.ts';

const Other = { group: 'toys.test', version: 'v1', kind: 'Other', plural: 'others', namespaced: true };

let harness: LoopHarness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

async function start(controller: ToyController, objects = [aToy('a')]): Promise<LoopHarness> {
  harness = await startLoop(controller, { objects });
  return harness;
}

const toy = async ({ kube }: LoopHarness, name = 'a'): Promise<Toy | undefined> =>
  kube.get(ToyKind, { namespace: 'ns', name });
const conditionsOf = (object: KubeObject | undefined): unknown =>
  (object as { status?: { conditions?: unknown } } | undefined)?.status?.conditions;
const writesOf = ({ kube }: LoopHarness): unknown[] =>
  kube.calls.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));

describe('a controller', () => {
  it('runs for each object there is, and for each that changes', async () => {
    const seen: string[] = [];
    const { until, kube } = await start(
      { reconcile: ({ object }) => (seen.push(`${object.metadata.name}=${object.spec?.want}`), done) },
      [aToy('a'), aToy('b')],
    );
    await until(() => expect(seen.toSorted()).toEqual(['a=x', 'b=x']));
    kube.seed(aToy('a', 'y'));
    await until(() => expect(seen).toContain('a=y'));
  });

  it('is woken by a watched object, as it is and as it was', async () => {
    const seen: string[] = [];
    const owner = (object: KubeObject) => [{ namespace: 'ns', name: object.metadata.labels?.['owner'] ?? '' }];
    const { until, kube } = await start(
      { reconcile: ({ key }) => (seen.push(key.name), done), watches: [watch(Other, owner)] },
      [aToy('a'), aToy('b')],
    );
    await until(() => expect(seen).toHaveLength(2));
    const other = (label: string) =>
      ({
        apiVersion: 'toys.test/v1',
        kind: 'Other',
        metadata: { name: 'o', namespace: 'ns', labels: { owner: label } },
      }) as const;
    kube.seed(other('a'));
    await until(() => expect(seen.slice(2)).toEqual(['a']));
    kube.seed(other('b'));
    await until(() => expect(seen.slice(3).toSorted()).toEqual(['a', 'b']));
  });

  it('is woken by its sources, and no more once stopped', async () => {
    let runs = 0;
    let wake = (): void => undefined;
    let stopped = false;
    const started = await start({
      reconcile: () => ((runs += 1), done),
      sources: [
        (enqueue) => {
          wake = () => enqueue({ namespace: 'ns', name: 'a' });
          return () => void (stopped = true);
        },
      ],
    });
    await started.until(() => expect(runs).toBe(1));
    wake();
    await started.until(() => expect(runs).toBe(2));
    await started.stop();
    expect(stopped).toBe(true);
    wake();
    await started.clock.advance(1000);
    expect(runs).toBe(2);
  });

  it('writes the status once, with sorted conditions of the present generation', async () => {
    const started = await start({
      conditionTypes: ['Ready', 'Available'],
      reconcile: (run) => {
        run.report({ type: 'Ready', status: 'False', reason: 'Waiting', message: 'first' });
        run.report({ type: 'Available', status: 'True', reason: 'Available', message: '' });
        run.report({ type: 'Ready', status: 'True', reason: 'Ready', message: 'all is well' });
        run.status['phase'] = 'Done';
        return done;
      },
    });
    await started.until(async () => expect((await toy(started))?.status).toBeDefined());
    await started.clock.advance(5000);
    expect((await toy(started))?.status).toEqual({
      phase: 'Done',
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'Available',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: expect.any(String),
        },
        {
          type: 'Ready',
          status: 'True',
          reason: 'Ready',
          message: 'all is well',
          observedGeneration: 1,
          lastTransitionTime: expect.any(String),
        },
      ],
    });
    expect(writesOf(started)).toEqual([
      expect.objectContaining({ verb: 'apply', fieldManager: 'toy/status', subresource: 'status' }),
    ]);
  });

  it('refuses to report a condition that it does not own', async () => {
    let failure: unknown;
    const started = await start({
      reconcile: (run) => {
        try {
          run.report({ type: 'Foreign', status: 'True', reason: 'X', message: '' });
        } catch (error) {
          failure = error;
        }
        return done;
      },
    });
    await started.until(() => expect(String(failure)).toContain('does not own condition Foreign'));
  });

  it('runs a failing key again with growing pauses, and others meanwhile', async () => {
    const atMs: number[] = [];
    let others = 0;
    const started = await start(
      {
        reconcile: ({ key, clock }) => {
          if (key.name === 'b') return ((others += 1), done);
          atMs.push(clock.monotonicMs());
          if (atMs.length < 5) throw new Error('not yet');
          return done;
        },
      },
      [aToy('a'), aToy('b')],
    );
    await started.until(() => expect(atMs).toHaveLength(5));
    const pauses = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    expect(pauses.every((pause, index) => index === 0 || pause > (pauses[index - 1] ?? 0))).toBe(true);
    expect(pauses[0]).toBeGreaterThanOrEqual(500);
    expect(others).toBe(1);
  });

  it('shows a terminal failure in its summary condition and as an Event, and waits for a change', async () => {
    let runs = 0;
    const started = await start({
      failureCondition: 'Ready',
      reconcile: ({ object }) => {
        runs += 1;
        if (object.spec?.want === 'good') return done;
        throw new TerminalError('BadWish', 'write something good');
      },
    });
    await started.until(async () =>
      expect(conditionsOf(await toy(started))).toMatchObject([
        { type: 'Ready', status: 'False', reason: 'BadWish', message: 'write something good' },
      ]),
    );
    await started.clock.advance(100);
    const before = runs;
    for (let second = 0; second < 120; second += 1) await started.clock.advance(1000);
    expect(runs).toBe(before);
    expect(started.kube.calls.filter(({ what }) => what === 'Event')).toHaveLength(1);
    started.kube.seed(aToy('a', 'good'));
    await started.until(() => expect(runs).toBeGreaterThan(before));
  });

  it('keeps what was reported before a failure', async () => {
    const started = await start({
      reconcile: (run) => {
        run.report({ type: 'Ready', status: 'False', reason: 'Connecting', message: 'no answer from 192.0.2.1:22' });
        throw new Error('timed out');
      },
    });
    await started.until(async () => expect(conditionsOf(await toy(started))).toMatchObject([{ reason: 'Connecting' }]));
  });

  it('looks again when asked, and after the resync period otherwise', async () => {
    const atMs: number[] = [];
    const started = await start({
      resyncMs: 60_000,
      reconcile: ({ clock }) => {
        atMs.push(clock.monotonicMs());
        return atMs.length === 1 ? lookAgain(3000, 'host not up') : waitingOn('a change');
      },
    });
    await started.until(() => expect(atMs).toHaveLength(3));
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(3000);
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeLessThan(4000);
    expect((atMs[2] ?? 0) - (atMs[1] ?? 0)).toBeGreaterThanOrEqual(54_000);
  });

  it('aborts a run at its deadline', async () => {
    const reasons: string[] = [];
    const started = await start({
      deadlineMs: 2000,
      reconcile: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(String(signal.reason));
            reject(signal.reason as Error);
          });
        }),
    });
    await started.until(() => expect(reasons[0]).toContain('no end within 2 s'));
  });

  it('lets a hanging run hold its key only: the worker is freed, and the key never runs twice at once', async () => {
    let hanging = 0;
    let others = 0;
    let release = (): void => undefined;
    const started = await start(
      {
        concurrency: 1,
        deadlineMs: 1000,
        reconcile: async ({ key }) => {
          if (key.name === 'b') return ((others += 1), done);
          hanging += 1;
          await new Promise<void>((resolve) => (release = resolve));
          return done;
        },
      },
      [aToy('a'), aToy('b')],
    );
    await started.until(() => expect(others).toBe(1));
    expect(started.clock.monotonicMs()).toBeGreaterThanOrEqual(6000);
    started.kube.seed(aToy('a', 'changed'));
    for (let second = 0; second < 60; second += 1) await started.clock.advance(1000);
    expect(hanging).toBe(1);
    release();
    await started.until(() => expect(hanging).toBe(2));
    release();
  });

  it('waits until its caches have seen what it wrote', async () => {
    const children: string[] = [];
    const started = await start({
      watches: [watch(Other, () => [])],
      reconcile: async (run) => {
        if (run.caches.of(Other).list().length > 0) return done;
        const intent = { metadata: { name: `child-${children.length}`, namespace: 'ns' } };
        children.push(intent.metadata.name);
        const written = await run.kube.create(Other, intent);
        started.kube.cutWatches(); // what was written comes late
        run.expectWritten(written);
        return lookAgain(0, 'more to do');
      },
    });
    await started.until(() => expect(children).toHaveLength(1));
    for (let round = 0; round < 100; round += 1) await started.clock.advance(100);
    expect(children).toEqual(['child-0']);
  });

  it('adds and takes away finalizers, also when others write at the same time', async () => {
    let phase: 'add' | 'remove' = 'add';
    const started = await start(
      {
        reconcile: async (run) => {
          started.kube.failNext('patch', new ConflictError(409, 'Conflict', 'somebody wrote first'));
          if (phase === 'add') await run.ensureFinalizer('toys.test/f');
          else await run.releaseFinalizer('toys.test/f');
          return done;
        },
      },
      [aToy('a', 'x', { metadata: { name: 'a', namespace: 'ns', finalizers: ['other/f'] } })],
    );
    await started.until(async () =>
      expect((await toy(started))?.metadata.finalizers).toEqual(['other/f', 'toys.test/f']),
    );
    phase = 'remove';
    started.kube.seed(
      aToy('a', 'y', { metadata: { name: 'a', namespace: 'ns', finalizers: ['other/f', 'toys.test/f'] } }),
    );
    await started.until(async () => expect((await toy(started))?.metadata.finalizers).toEqual(['other/f']));
  });

  it('annotates its object, once for all runs, and can release its finalizer right after', async () => {
    let runs = 0;
    const started = await start(
      {
        reconcile: async (run) => {
          runs += 1;
          if (run.object.metadata.annotations?.['toys.test/seen']) return done;
          await run.ensureFinalizer('toys.test/f');
          await run.annotate({ 'toys.test/seen': 'yes', 'toys.test/old': null });
          await run.releaseFinalizer('toys.test/f');
          return lookAgain(0, 'looking whether it is so');
        },
      },
      [aToy('a', 'x', { metadata: { name: 'a', namespace: 'ns', annotations: { 'toys.test/old': 'x' } } })],
    );
    await started.until(() => expect(runs).toBe(2));
    const { annotations, finalizers } = (await toy(started))?.metadata ?? {};
    expect(annotations).toEqual({ 'toys.test/seen': 'yes' });
    expect(finalizers ?? []).toEqual([]);
    const [patch] = started.kube.calls.filter(({ fieldManager }) => fieldManager === 'toy/annotations');
    expect(patch).toMatchObject({ verb: 'patch', key: 'ns/a' });
    expect(writesOf(started)).toHaveLength(3);
  });

  it('refuses to annotate an object that was made anew under the same name', async () => {
    const refused: unknown[] = [];
    const started = await start({
      reconcile: async (run) => {
        if (refused.length > 0) return done;
        await started.kube.remove(ToyKind, run.key);
        started.kube.seed(aToy('a'));
        await run.annotate({ 'toys.test/seen': 'yes' }).catch((error: unknown) => refused.push(error));
        return done;
      },
    });
    await started.until(() => expect(refused).toEqual([expect.any(ConflictError)]));
    expect((await toy(started))?.metadata.annotations).toBeUndefined();
  });

  it('needs no status for an object that its own finalizer held', async () => {
    const results: string[] = [];
    const started = await start({
      reconcile: async (run) => {
        if (run.object.metadata.deletionTimestamp === undefined) {
          await run.ensureFinalizer('toys.test/f');
        } else {
          run.report({ type: 'Ready', status: 'False', reason: 'Deleting', message: '' });
          await run.releaseFinalizer('toys.test/f');
          results.push('released');
        }
        return done;
      },
    });
    await started.until(async () => expect((await toy(started))?.metadata.finalizers).toEqual(['toys.test/f']));
    await started.kube.remove(ToyKind, { namespace: 'ns', name: 'a' });
    await started.until(async () => expect(await toy(started)).toBeUndefined());
    for (let round = 0; round < 50; round += 1) await started.clock.advance(200);
    expect(results).toEqual(['released']);
    expect(started.kube.calls.filter(({ subresource }) => subresource === 'status')).toEqual([]);
  });

  it('writes nothing and starts nothing once another may lead', async () => {
    let runs = 0;
    let failure: unknown;
    const started = await start({
      reconcile: async (run) => {
        runs += 1;
        started.leading = false;
        await run.kube
          .create(Other, { metadata: { name: 'o', namespace: 'ns' } })
          .catch((error: unknown) => (failure = error));
        return lookAgain(0, 'more');
      },
    });
    await started.until(() => expect(String(failure)).toContain('no longer leads'));
    for (let round = 0; round < 20; round += 1) await started.clock.advance(200);
    expect(runs).toBe(1);
    expect(writesOf(started)).toEqual([]);
  });

  it('folds repeated Events into one', async () => {
    let runs = 0;
    const started = await start({
      reconcile: (run) => {
        runs += 1;
        run.event('Warning', 'NoAnswer', 'the host does not answer');
        return lookAgain(1000, 'again');
      },
    });
    await started.until(() => expect(runs).toBeGreaterThan(5));
    expect(started.kube.calls.filter(({ what }) => what === 'Event')).toEqual([
      expect.objectContaining({ verb: 'create' }),
    ]);
    for (let minute = 0; minute < 11; minute += 1) await started.clock.advance(60_000);
    await started.until(() =>
      expect(started.kube.calls.filter(({ what }) => what === 'Event').at(-1)?.verb).toBe('patch'),
    );
  });
});
