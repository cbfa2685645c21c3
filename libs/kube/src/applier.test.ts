import { describe, expect, it } from '@jest/globals';
import { fakeKube, Widget } from '../testing/index.ts';
import { createApplier } from './applier.ts';

const key = { namespace: 'a', name: 'x' };

describe('an applier', () => {
  it('leaves out a call that would change nothing', async () => {
    const kube = fakeKube();
    const applier = createApplier(kube, 'm');
    const first = await applier.apply(Widget, { metadata: key, spec: { size: 1, colour: 'red' } });
    const again = { metadata: key, spec: { colour: 'red', size: 1 } };
    const second = await applier.apply(Widget, again, { stored: first.object });
    expect([first.called, second.called]).toEqual([true, false]);
    expect(second.object).toEqual(first.object);
  });

  it.each([
    ['the intent changed', { size: 2 }, (stored: Widget) => stored],
    [
      'somebody wrote the object',
      { size: 1 },
      (stored: Widget) => ({ ...stored, metadata: { ...stored.metadata, resourceVersion: '9999' } }),
    ],
    [
      'the object was made anew',
      { size: 1 },
      (stored: Widget) => ({ ...stored, metadata: { ...stored.metadata, uid: 'other' } }),
    ],
    ['it is not known how the object looks', { size: 1 }, () => undefined],
  ])('calls when %s', async (_, spec, seenAs) => {
    const kube = fakeKube();
    const applier = createApplier(kube, 'm');
    const { object } = await applier.apply(Widget, { metadata: key, spec: { size: 1 } });
    const { called } = await applier.apply(Widget, { metadata: key, spec }, { stored: seenAs(object) });
    expect(called).toBe(true);
  });

  it('calls again after a failure', async () => {
    const kube = fakeKube();
    const applier = createApplier(kube, 'm');
    const intent = { metadata: key, spec: { size: 1 } };
    const { object: stored } = await applier.apply(Widget, intent);
    kube.failNext('apply', new Error('lost'));
    await expect(applier.apply(Widget, { metadata: key, spec: { size: 2 } }, { stored })).rejects.toThrow('lost');
    expect((await applier.apply(Widget, intent, { stored })).called).toBe(true);
  });
});
