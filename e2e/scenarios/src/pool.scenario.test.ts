import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotations, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import { startMachines, type Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { conditionOf, waitForCondition } from './cluster/lab-cluster.ts';
import { hostsCluster } from './remote-machine/objects.ts';
import { deleteMachines, inDefault, waitFor, waitProvisioned } from './remote-machine/observe.ts';
import { addresses, claims, holders, onEach, poolHosts } from './remote-machine/pool.ts';
import { startSystem, type System } from './system/start-system.ts';

const hostCount = 10;
const claimCount = 50;
const data = '#cloud-config\nruncmd:\n  - echo claimed >> /var/tmp/claims\n';

describe('a pool of hosts', () => {
  let system: System;
  let machines: Machine[] = [];
  const names = Array.from({ length: claimCount }, (_, at) => `claim-${String(at).padStart(2, '0')}`);

  beforeAll(async () => {
    system = await startSystem();
    machines = await startMachines(system.lab, hostCount);
    await applyManifests(system, [...hostsCluster(), ...poolHosts('pool', machines)]);
  }, 300_000);
  afterAll(() => system?.close());

  const provisioned = async (): Promise<RemoteMachine[]> =>
    (await system.kube.list(RemoteMachine)).filter(({ status }) => status?.initialization?.provisioned);
  const waiting = async (): Promise<RemoteMachine[]> =>
    (await system.kube.list(RemoteMachine)).filter((it) => conditionOf(it, 'HostReserved')?.reason === 'PoolExhausted');

  it('gives each host to one of fifty claims only, and tells the others how full it is', async () => {
    await applyManifests(system, claims('pool', names, data));
    await eventually(async () => expect(await provisioned()).toHaveLength(hostCount), {
      timeoutMs: 90_000,
      everyMs: 250,
      what: 'ten provisioned machines',
    });
    const held = await holders(system);
    expect([...held.keys()]).toHaveLength(hostCount);
    expect(new Set(held.values()).size).toBe(hostCount);
    const used = await addresses(system);
    expect(used).toHaveLength(hostCount);
    expect(new Set(used).size).toBe(hostCount);
    expect(await onEach(machines, 'cat /var/tmp/claims')).toEqual(machines.map(() => 'claimed'));
    await eventually(
      async () => {
        const messages = (await waiting()).map((it) => conditionOf(it, 'Ready')?.message);
        const wanted = `Pool 'pool' has no free host: 10 in all, 10 reserved, 0 dirty. Add hosts or scale down`;
        expect(messages).toEqual(Array.from({ length: claimCount - hostCount }, () => wanted));
      },
      { timeoutMs: 30_000, what: 'forty that wait' },
    );
    const [host] = await system.kube.list(PooledRemoteMachine, { namespace: 'default' });
    await eventually(async () => {
      const shown = await system.kube.get(PooledRemoteMachine, inDefault(host?.metadata.name ?? ''));
      expect(shown?.status).toMatchObject({
        reserved: true,
        machineRef: { name: held.get(host?.metadata.name ?? ''), namespace: 'default' },
      });
      expect(conditionOf(shown, 'Available')).toMatchObject({ status: 'False', reason: 'Reserved' });
    });
  }, 180_000);

  it('hands freed hosts on', async () => {
    const leaving = [...(await holders(system)).values()].slice(0, 3);
    await deleteMachines(system, leaving);
    await eventually(async () => expect(await provisioned()).toHaveLength(hostCount), {
      timeoutMs: 60_000,
      everyMs: 250,
      what: 'ten provisioned machines again',
    });
    const held = await holders(system);
    expect(new Set(held.values()).size).toBe(hostCount);
    expect([...held.values()].filter((name) => leaving.includes(name))).toEqual([]);
    const counts = await onEach(machines, 'wc -l < /var/tmp/claims');
    expect(counts.toSorted()).toEqual(['1', '1', '1', '1', '1', '1', '1', '2', '2', '2']);
  }, 120_000);

  it('keeps a host back that cannot be cleaned, until somebody has cleaned it', async () => {
    // Nobody waits any more, so that what is free stays free.
    await deleteMachines(
      system,
      (await waiting()).map(({ metadata }) => metadata.name),
    );
    const [hostName, holder] = [...(await holders(system))][0] as [string, string];
    await system.kube.patch(RemoteMachine, inDefault(holder), {
      type: 'merge',
      body: { metadata: { annotations: { [annotations.forceDelete]: '' } } },
    });
    await deleteMachines(system, [holder]);
    const dirty = await waitForCondition(system.kube, PooledRemoteMachine, inDefault(hostName), {
      type: 'Available',
      status: 'False',
      reason: 'Dirty',
    });
    expect(conditionOf(dirty, 'Available')?.message).toContain(`remove the annotation ${annotations.dirty}`);
    expect(dirty.status).toMatchObject({ reserved: false });

    await applyManifests(system, claims('pool', ['late'], data));
    const full = await waitFor(system, 'late', { type: 'HostReserved', status: 'False', reason: 'PoolExhausted' });
    expect(full.message).toContain('10 in all, 9 reserved, 1 dirty');
    expect(full.message).toContain(`clean ${hostName} by hand`);
    await system.kube.patch(PooledRemoteMachine, inDefault(hostName), {
      type: 'merge',
      body: { metadata: { annotations: { [annotations.dirty]: null } } },
    });
    await waitProvisioned(system, 'late', 30_000);
    expect((await holders(system)).get(hostName)).toBe('late');
  }, 180_000);

  it('keeps a host that is in use when it is deleted, until its machine has gone', async () => {
    const hostName = [...(await holders(system))].find(([, holder]) => holder === 'late')?.[0] ?? '';
    await system.kube.remove(PooledRemoteMachine, inDefault(hostName));
    expect(await system.kube.get(PooledRemoteMachine, inDefault(hostName))).toBeDefined();
    await deleteMachines(system, ['late']);
    await eventually(async () => {
      expect(await system.kube.get(PooledRemoteMachine, inDefault(hostName))).toBeUndefined();
    });
  }, 90_000);

  it('that does not exist says so', async () => {
    await applyManifests(system, claims('nowhere', ['lonely'], data));
    const { message } = await waitFor(system, 'lonely', {
      type: 'HostReserved',
      status: 'False',
      reason: 'PoolExhausted',
    });
    expect(message).toContain(`Pool 'nowhere' has no hosts in this namespace`);
    await deleteMachines(system, ['lonely']);
  }, 60_000);
});
