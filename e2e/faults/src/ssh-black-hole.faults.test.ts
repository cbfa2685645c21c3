import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RemoteMachine } from '@k0smotron/api';
import { losePackets, type Machine } from '@k0smotron/lab';
import { conditionOf, waitFor } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { figuresOf } from './ssh-figures.ts';
import { bootstrap, gone, prepareHosts, provisioned, remove, said, type SshGround } from './ssh-ground.ts';

const count = 50;

describe('fifty RemoteMachines', () => {
  const figures = figuresOf('ssh-black-hole');
  let ground: SshGround;

  beforeAll(async () => {
    ground = await prepareHosts(count);
  }, 600_000);
  afterAll(async () => {
    figures.write();
    await ground?.system.close();
  }, 240_000);

  /** Seconds from the first object to the last machine that is ready. */
  const provisionAll = async (round: string, hosts: readonly Machine[]): Promise<number> => {
    const { system } = ground;
    const startedAt = performance.now();
    const commands = [`echo ${round} >> /var/tmp/black-hole`];
    await bootstrap(system, ...hosts.map((host) => ({ name: `${round}-${host.name}`, host, commands })));
    const names = new Set(hosts.map((host) => `${round}-${host.name}`));
    await eventually(
      async () => {
        const machines = (await system.kube.list(RemoteMachine)).filter(({ metadata }) => names.has(metadata.name));
        const ready = machines.filter((machine) => conditionOf(machine, 'Ready')?.status === 'True');
        expect(ready).toHaveLength(hosts.length);
      },
      { timeoutMs: 300_000, everyMs: 250, what: `${hosts.length} provisioned machines` },
    );
    return (performance.now() - startedAt) / 1000;
  };
  const removeAll = async (round: string, hosts: readonly Machine[]): Promise<void> => {
    const names = hosts.map((host) => `${round}-${host.name}`);
    await Promise.all(names.map((name) => remove(ground.system, name)));
    await Promise.all(names.map((name) => gone(ground.system, name, 300_000)));
  };

  it('are not delayed by one of them whose host swallows every packet', async () => {
    const startedAt = performance.now();
    const { system, hosts } = ground;
    const [hole, ...good] = hosts as [Machine, ...Machine[]];
    const without = await provisionAll('without', good);
    await removeAll('without', good);
    const line = await losePackets(system.lab, hole, 1);
    const name = `hole-${hole.name}`;
    await bootstrap(system, { name, host: hole, commands: ['echo hole >> /var/tmp/black-hole'] });
    const beside = await provisionAll('beside', good);
    const message = `${count - 1} machines: ${without.toFixed(1)} s without, ${beside.toFixed(1)} s beside a black hole`;
    // Waiting for one connection to a black hole takes 15 s.
    expect(beside).toBeLessThan(without * 1.25 + 5);
    const wanted = { type: 'HostReachable', status: 'False', reason: 'HostUnreachable' };
    expect((await waitFor(system, name, wanted)).message).toMatch(/no SSH session after 15000 ms/);
    await line.heal();
    await provisioned(system, name, 120_000);
    const counted = await Promise.all(hosts.map((host) => said(host, 'cat /var/tmp/black-hole')));
    expect(counted).toEqual(hosts.map((host) => (host === hole ? 'hole\n' : 'without\nbeside\n')));
    await remove(system, name);
    await gone(system, name);
    await removeAll('beside', good);
    figures.add(message, 1, startedAt);
  }, 900_000);
});
