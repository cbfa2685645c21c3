import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { losePackets, type Machine } from '@k0smotron/lab';
import type { System } from '@k0smotron/scenarios';
import { waitFor } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
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

const unreachable = { status: 'False', reason: 'HostUnreachable', timeoutMs: 90_000 } as const;
const howToReach = /:22.*check the address, the port, the firewall/;

describe('a RemoteMachine', () => {
  const figures = figuresOf('ssh-hosts');
  let ground: SshGround | undefined;

  beforeAll(async () => {
    ground = await prepareHosts(4);
  }, 300_000);
  afterAll(async () => {
    figures.write();
    await ground?.system.close();
  }, 60_000);

  const place = (at: number): { readonly system: System; readonly host: Machine } => {
    const { system, hosts } = ground as SshGround;
    return { system, host: hosts[at] as Machine };
  };
  const end = async (system: System, name: string, host: Machine): Promise<void> => {
    await remove(system, name);
    await gone(system, name);
    expect(await leftOn(host)).toBe('');
  };

  it('whose host is rebooted or loses power in each step goes on at that step', async () => {
    const startedAt = performance.now();
    const { system, host } = place(0);
    const steps = gatedSteps(host, 'reboot', 4);
    await bootstrap(system, { name: 'reboot', host, commands: steps.commands });
    for (const step of [1, 2, 3, 4]) {
      await steps.running(step);
      await said(host, 'rm -f /var/tmp/reboot-in-*');
      if (step % 2 === 0) await host.reboot();
      else {
        await host.kill();
        if (step === 1)
          expect((await waitFor(system, 'reboot', { type: 'HostReachable', ...unreachable })).message).toMatch(
            howToReach,
          );
        await host.start();
      }
      await steps.running(step, 120_000); // it was interrupted, so it runs again
      await steps.open(step);
    }
    await provisioned(system, 'reboot', 120_000);
    expect(await steps.done()).toEqual([1, 2, 3, 4]);
    await end(system, 'reboot', host);
    figures.add('two power cuts and two reboots, one in each of four steps', 4, startedAt);
  }, 480_000);

  it('is provisioned and cleaned over lines that lose every tenth packet', async () => {
    const startedAt = performance.now();
    const { system } = place(0);
    const hosts = [0, 1, 2].map((at) => place(at).host);
    const lines = await Promise.all(hosts.map((host) => losePackets(system.lab, host, 0.1)));
    try {
      for (const round of [1, 2, 3]) {
        const names = hosts.map((_, at) => `lossy-${round}-${at}`);
        const commands = (name: string) => [1, 2, 3].map((step) => `echo ${step} >> /var/tmp/${name}; sleep 0.5`);
        await Promise.all(
          hosts.map((host, at) => {
            const name = names[at] as string;
            return bootstrap(system, { name, host, commands: commands(name) });
          }),
        );
        await Promise.all(names.map((name) => provisioned(system, name, 120_000)));
        const counted = await Promise.all(hosts.map((host, at) => said(host, `cat /var/tmp/${names[at]}`)));
        expect(counted).toEqual(hosts.map(() => '1\n2\n3\n'));
        await Promise.all(names.map((name) => remove(system, name)));
        await Promise.all(names.map((name) => gone(system, name, 120_000)));
      }
      for (const host of hosts) expect(await leftOn(host)).toBe('');
      const lost = (await Promise.all(lines.map((line) => line.lost()))).reduce((sum, one) => sum + one, 0);
      expect(lost).toBeGreaterThan(20);
      figures.add('packets lost at 10 % each way, nine machines', lost, startedAt);
    } finally {
      await Promise.all(lines.map((line) => line.heal()));
    }
  }, 480_000);

  it('whose host goes dark in the middle says so, and finds the work done when it is back', async () => {
    const startedAt = performance.now();
    const { system, host } = place(1);
    const steps = gatedSteps(host, 'dark', 3);
    await bootstrap(system, { name: 'dark', host, commands: steps.commands });
    await steps.running(1);
    const line = await losePackets(system.lab, host, 1);
    try {
      expect((await waitFor(system, 'dark', { type: 'HostReachable', ...unreachable })).message).toMatch(howToReach);
      // The host goes on by itself.
      for (const step of [1, 2, 3]) await steps.open(step);
      await eventually(async () => expect(await steps.done()).toEqual([1, 2, 3]));
    } finally {
      await line.heal();
    }
    await provisioned(system, 'dark');
    expect(await steps.done()).toEqual([1, 2, 3]);
    await end(system, 'dark', host);
    figures.add('host dark in the middle of its bootstrap', 1, startedAt);
  }, 240_000);

  it('that is deleted in the middle is stopped on its host, even where that ignores it or is dark', async () => {
    const startedAt = performance.now();
    const { system, host } = place(2);
    const alive = (): Promise<string> => said(host, "pgrep -f '[d]eaf-to-all' || true");
    const deaf = `sh -c 'trap "" TERM HUP INT; while :; do : deaf-to-all; sleep 0.2; done'`;
    const commands = [`touch /var/tmp/deaf-in; ${deaf} & ${deaf}`, 'touch /var/tmp/deaf-after'];
    for (const dark of [false, true]) {
      const name = `deaf-${dark}`;
      await bootstrap(system, { name, host, commands });
      await eventually(async () => expect((await alive()).split('\n')).toHaveLength(3), { timeoutMs: 60_000 });
      const line = dark ? await losePackets(system.lab, host, 1) : undefined;
      await remove(system, name);
      if (line) {
        const failure = await waitFor(system, name, { type: 'CleanUpSucceeded', ...unreachable });
        expect(failure.message).toMatch(howToReach);
        expect(failure.message).toMatch(/set the annotation/);
        expect(await alive()).not.toBe('');
        await line.heal();
      }
      await gone(system, name);
      expect(await alive()).toBe('');
      expect(await leftOn(host)).toBe('');
      expect((await host.exec('ls /var/tmp/deaf-after')).code).not.toBe(0);
      await said(host, 'rm /var/tmp/deaf-in');
    }
    figures.add('deleted in the middle, once on a dark host', 2, startedAt);
  }, 300_000);

  it('whose host has a full disk says so, runs nothing twice, and can be cleaned', async () => {
    const startedAt = performance.now();
    const { system, host } = place(3);
    // Steps of the bootstrap and their journal share a disk, as on most hosts.
    await said(host, 'mkdir -p /var/lib/k0smotron && mount -t tmpfs -o size=1m tmpfs /var/lib/k0smotron');
    const count = (step: number): string => `echo ${step} >> /var/tmp/full-done`;
    const fill = 'head -c 2000000 /dev/zero >> /var/lib/k0smotron/big';
    const commands = [
      count(1),
      `[ -e /var/tmp/freed ] || ${fill} 2>/dev/null; ${count(2)}`,
      `[ -e /var/tmp/freed ] || ${fill}`,
      count(4),
    ];
    await bootstrap(system, { name: 'full', host, commands });
    const failed = { type: 'BootstrapExecSucceeded', status: 'False', timeoutMs: 60_000 };
    await eventually(
      async () => {
        const { message } = await waitFor(system, 'full', failed);
        expect(message).toMatch(/no room for the journal.*free at least 1 MB|No space left on device/);
      },
      { timeoutMs: 60_000 },
    );
    expect(await said(host, 'cat /var/tmp/full-done')).toBe('1\n2\n');
    await said(host, 'touch /var/tmp/freed; rm /var/lib/k0smotron/big');
    await provisioned(system, 'full');
    expect(await said(host, 'cat /var/tmp/full-done')).toBe('1\n2\n4\n');
    await said(host, `${fill}; [ "$(df --output=avail /var/lib/k0smotron | tail -n 1)" -eq 0 ]`);
    await remove(system, 'full');
    await gone(system, 'full');
    await said(host, 'rm /var/lib/k0smotron/big');
    expect(await leftOn(host)).toBe('');
    await said(host, 'umount /var/lib/k0smotron');
    figures.add('disk full before, in and after the bootstrap', 3, startedAt);
  }, 240_000);

  it('whose commands print 100 MB grows neither the service nor the journal', async () => {
    const startedAt = performance.now();
    const { system, host } = place(3);
    const megabyte = "head -c 1000000 /dev/zero | tr '\\0' x | fold -w 199";
    const steps = gatedSteps(host, 'loud', 1);
    const commands = [...steps.commands, `for i in $(seq 100); do ${megabyte}; sleep 0.1; done`, 'echo over'];
    await bootstrap(system, { name: 'loud', host, commands });
    await steps.running(1);
    const service = system.services.find(({ name }) => name === 'infrastructure');
    const memory = (which: 'VmRSS' | 'VmHWM'): Promise<number> => memoryKiB(service?.process.pid ?? 0, which);
    const before = await memory('VmRSS');
    await forgetPeak(service?.process.pid ?? 0);
    await steps.open(1);
    await provisioned(system, 'loud', 180_000);
    const grownKiB = (await memory('VmHWM')) - before;
    expect(grownKiB).toBeLessThan(30_000);
    const log = await said(host, 'stat -c %s /var/lib/k0smotron/*/journal/0002.log');
    expect(Number(log)).toBeLessThan(70_000);
    await end(system, 'loud', host);
    figures.add(`100 MB of output, the service grew by ${(grownKiB / 1024).toFixed(1)} MB at most`, 1, startedAt);
  }, 300_000);
});

/** Present (`VmRSS`) or highest (`VmHWM`) memory of a process, in KiB. */
async function memoryKiB(pid: number, which: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
}

/** From now on the highest memory of a process is counted anew (proc(5), clear_refs). */
const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');
