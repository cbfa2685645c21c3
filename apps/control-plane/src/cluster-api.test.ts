import { silentLogger } from '@k0smotron/core';
import { fakeKube } from '@k0smotron/kube/testing';
import { fakeClock } from '@k0smotron/testing';
import { describe, expect, it } from '@jest/globals';
import { hasClusterApi, untilClusterApi } from './cluster-api.ts';

const noSignal = new AbortController().signal;

describe('hasClusterApi', () => {
  it.each([
    [200, true],
    [404, false],
  ])('takes %i for %s', async (status, expected) => {
    const kube = fakeKube({ onRequest: () => ({ status, body: {} }) });
    expect(await hasClusterApi(kube, silentLogger, noSignal)).toBe(expected);
  });

  it('asks again where there was no clear answer', async () => {
    const clock = fakeClock();
    const answers = [503, 200];
    const kube = fakeKube({ onRequest: () => ({ status: answers.shift() ?? 500, body: {} }) });
    const asked = hasClusterApi(kube, silentLogger, noSignal, clock);
    while (answers.length > 0) await clock.advance(2000);
    expect(await asked).toBe(true);
  });
});

describe('untilClusterApi', () => {
  it('ends the service once Cluster API is there', async () => {
    const clock = fakeClock();
    let status = 404;
    const kube = fakeKube({ onRequest: () => ({ status, body: {} }) });
    const ended = untilClusterApi({ kube, clock } as never, noSignal).catch((cause: Error) => cause.message);
    await clock.advance(31_000);
    expect(kube.calls).toHaveLength(1);
    status = 200;
    await clock.advance(31_000);
    expect(await ended).toMatch(/starting anew/);
  });
});
