import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { losePackets, type LabProcess, type Machine } from '@k0smotron/lab';
import { applyManifests, remoteMachine, startAgain, startService, stopAtOnce, waitFor } from '@k0smotron/scenarios';
import { figuresOf } from './ssh-figures.ts';
import {
  bootstrap,
  gatedSteps,
  gone,
  leftOn,
  prepareHosts,
  provisioned,
  remove,
  type SshGround,
} from './ssh-ground.ts';

const hourMs = 3_600_000;
const shiftClock = new URL('./ssh-shift-clock.ts', import.meta.url).href;

describe('an infrastructure service whose clock is an hour off', () => {
  const figures = figuresOf('ssh-clock');
  let ground: SshGround;
  let life: LabProcess | undefined;

  beforeAll(async () => {
    ground = await prepareHosts(1);
  }, 300_000);
  afterAll(async () => {
    figures.write();
    await life?.stop('SIGKILL');
    if (life) await startAgain(ground.system, 'infrastructure'); // so that a given cluster can be emptied
    await ground?.system.close();
  }, 120_000);

  /** Ends the leader without warning; the next one has another clock. */
  const nextLeader = async (aheadMs: number): Promise<void> => {
    const { system } = ground;
    if (life) await life.stop('SIGKILL');
    else await stopAtOnce(system, 'infrastructure');
    const service = system.services.find(({ name }) => name === 'infrastructure');
    if (!service) throw new Error('no infrastructure service');
    const { process: next } = await startService(service, system, {
      env: {
        NODE_OPTIONS: `--import=${shiftClock} --disable-warning=ExperimentalWarning`,
        FAULTS_CLOCK_AHEAD_MS: String(aheadMs),
      },
    });
    life = next;
  };

  it('hands a bootstrap in the middle over to one whose clock is two hours earlier', async () => {
    const startedAt = performance.now();
    const { system } = ground;
    const host = ground.hosts[0] as Machine;
    const steps = gatedSteps(host, 'clock', 3);
    await nextLeader(hourMs);
    await bootstrap(system, { name: 'clock', host, commands: steps.commands });
    await steps.running(1, 90_000);
    await steps.open(1);
    await steps.running(2);
    await nextLeader(-hourMs);
    await steps.open(2);
    await steps.open(3);
    await provisioned(system, 'clock', 120_000);
    expect(await steps.done()).toEqual([1, 2, 3]);
    figures.add('leaders an hour ahead, then an hour behind', 2, startedAt);
  }, 300_000);

  it('tells at once of a machine that nobody owns, though it is from the future', async () => {
    const startedAt = performance.now();
    const { system } = ground;
    await applyManifests(system, [remoteMachine('alone', { address: '192.0.2.1', sshKeyRef: { name: 'none' } })]);
    const { message } = await waitFor(system, 'alone', { type: 'Ready', status: 'False', timeoutMs: 20_000 });
    expect(message).toMatch(/Waiting for a Machine that owns/);
    figures.add('a machine from the future', 1, startedAt);
  }, 60_000);

  it('has patience with a host that is away when its machine is deleted, though that was an hour ago', async () => {
    const startedAt = performance.now();
    const { system } = ground;
    const host = ground.hosts[0] as Machine;
    await nextLeader(hourMs);
    const line = await losePackets(system.lab, host, 1);
    try {
      await remove(system, 'clock');
      const wanted = { type: 'CleanUpSucceeded', status: 'False', reason: 'HostUnreachable', timeoutMs: 90_000 };
      expect((await waitFor(system, 'clock', wanted)).message).toMatch(/set the annotation/);
    } finally {
      await line.heal();
    }
    await gone(system, 'clock');
    expect(await leftOn(host)).toBe('');
    figures.add('deleted while its host is away, an hour ago by the service', 1, startedAt);
  }, 240_000);
});
