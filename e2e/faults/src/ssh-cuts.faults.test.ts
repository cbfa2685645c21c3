import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, eventually, type Direction, type FaultProxy } from '@k0smotron/testing';
import { figuresOf } from './ssh-figures.ts';
import {
  bootstrap,
  gatedSteps,
  gone,
  leftOn,
  prepareHosts,
  provisioned,
  remove,
  said,
  type SshGround,
} from './ssh-ground.ts';

/** Where connections are cut: in the greeting, the login, the upload, between steps, in the clean-up. */
const cutsAt: readonly (readonly [Direction, number])[] = [
  ...[0, 700, 1_500, 2_500, 4_000, 8_000, 14_000, 20_000].map((bytes) => ['to server', bytes] as const),
  ...[0, 700, 1_500, 2_200, 2_600, 3_000, 3_500, 4_000].map((bytes) => ['to client', bytes] as const),
];

describe('a RemoteMachine whose connections are cut', () => {
  const figures = figuresOf('ssh-cuts');
  const proxies: FaultProxy[] = [];
  let ground: SshGround | undefined;

  beforeAll(async () => {
    ground = await prepareHosts(4);
  }, 300_000);
  afterAll(async () => {
    figures.write();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await ground?.system.close();
  }, 60_000);

  const hostAt = (at: number) => {
    const { system, hosts } = ground as SshGround;
    const host = hosts[at % hosts.length];
    if (!host) throw new Error('no host');
    return { system, host };
  };
  const proxyOf = async (at: number): Promise<FaultProxy> => {
    const proxy = await startFaultProxy({ host: hostAt(at).host.address, port: 22 });
    proxies.push(proxy);
    return proxy;
  };
  /** One connection is cut after so many bytes; the next ones are good. */
  const cutOnce = async (proxy: FaultProxy, [direction, afterBytes]: readonly [Direction, number]): Promise<number> => {
    const before = proxy.accepted;
    proxy.inject({ kind: 'cut', afterBytes, direction });
    await eventually(() => expect(proxy.accepted).toBeGreaterThan(before + 1), { timeoutMs: 30_000 }).catch(
      () => undefined,
    );
    proxy.heal();
    return Math.max(0, proxy.accepted - before - 1);
  };

  it('while each step runs runs each step once', async () => {
    const startedAt = performance.now();
    const { system, host } = hostAt(0);
    const proxy = await proxyOf(0);
    const steps = gatedSteps(host, 'steps', 5);
    await bootstrap(system, { name: 'steps', host, commands: steps.commands, through: proxy });
    for (const step of [1, 2, 3, 4, 5]) {
      await steps.running(step);
      const before = proxy.accepted;
      proxy.cutAll();
      await eventually(() => expect(proxy.accepted).toBeGreaterThan(before), { timeoutMs: 30_000 });
      await steps.open(step);
    }
    await provisioned(system, 'steps');
    expect(await steps.done()).toEqual([1, 2, 3, 4, 5]);
    await remove(system, 'steps');
    await gone(system, 'steps');
    expect(await leftOn(host)).toBe('');
    figures.add('cut while each of five steps runs', 5, startedAt);
  }, 180_000);

  it('after any number of bytes runs each step once, and is cleaned all the same', async () => {
    const startedAt = performance.now();
    const runs = await Promise.all(
      cutsAt.map(async (cut, at) => {
        const name = `bytes-${cut.join('-').replaceAll(' ', '-')}`;
        const { system, host } = hostAt(at);
        const proxy = await proxyOf(at);
        const count = `/var/tmp/${name}`;
        const commands = ['one', 'two', 'three'].map((mark) => `echo ${mark} >> ${count}`);
        const [, first] = await Promise.all([
          bootstrap(system, { name, host, commands, through: proxy }),
          cutOnce(proxy, cut),
        ]);
        await provisioned(system, name);
        const counted = await said(host, `cat ${count}`);
        const [, second] = await Promise.all([remove(system, name), cutOnce(proxy, cut)]);
        await gone(system, name);
        return { name, counted, cuts: first + second };
      }),
    );
    expect(runs.map(({ name, counted }) => [name, counted])).toEqual(
      runs.map(({ name }) => [name, 'one\ntwo\nthree\n']),
    );
    for (const at of (ground as SshGround).hosts.keys()) expect(await leftOn(hostAt(at).host)).toBe('');
    const cuts = runs.reduce((sum, run) => sum + run.cuts, 0);
    expect(cuts).toBeGreaterThan(cutsAt.length);
    figures.add(`cut after so many bytes, ${cutsAt.length} machines`, cuts, startedAt);
  }, 300_000);
});
