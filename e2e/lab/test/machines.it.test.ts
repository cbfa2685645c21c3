import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';

import { openLab, sweep } from '../src/open-lab.ts';
import type { Lab } from '../src/lab.ts';
import type { Machine } from '../src/machines/machine.ts';
import type { MachineKind } from '../src/machines/network.ts';
import { serveFiles } from '../src/machines/serve-files.ts';
import { newSshKey } from '../src/machines/ssh-key.ts';
import { listMachines, startMachines } from '../src/machines/start-machines.ts';
import { sshAnswers } from '../src/machines/ssh-answers.ts';
import { labsDir } from '../src/paths.ts';
import { machineKinds } from './machine-kinds.ts';
import { overSsh } from './machines-ssh.ts';
import { marksOf, tracesOf } from './machines-traces.ts';

const previous = process.env['K0SMOTRON_LAB_MACHINES'];

/** A suite for each kind of machine; named and not run where this host cannot have that kind. */
function onEachKind(name: string, suite: (kind: MachineKind) => void): void {
  for (const { kind, possible, needs } of machineKinds) {
    if (!possible) describe.skip(`${name}, ${kind} (${needs})`, () => suite(kind));
    else
      describe(`${name}, ${kind}`, () => {
        beforeAll(() => void (process.env['K0SMOTRON_LAB_MACHINES'] = kind));
        afterAll(() => {
          if (previous === undefined) delete process.env['K0SMOTRON_LAB_MACHINES'];
          else process.env['K0SMOTRON_LAB_MACHINES'] = previous;
        });
        suite(kind);
      });
  }
}

/** The first machine of a host waits for its image. */
const buildMs = 600_000;

onEachKind('machines of a lab', () => {
  let lab: Lab;
  let machines: Machine[];
  let machine: Machine;

  beforeAll(async () => {
    lab = await openLab();
    machines = await startMachines(lab, 3);
    machine = machines[0]!;
  }, buildMs);

  afterAll(() => lab.close());

  it('let root and remoteuser in, and give sudo to remoteuser alone', async () => {
    for (const { address, sshKey, name } of machines) {
      expect(await overSsh(address, 'root', sshKey, 'hostname')).toMatchObject({ code: 0, stdout: `${name}\n` });
      expect(await overSsh(address, 'remoteuser', sshKey, 'sudo -n id -un')).toMatchObject({
        code: 0,
        stdout: 'root\n',
      });
      expect(await overSsh(address, 'nosudo', sshKey, 'id -un')).toMatchObject({ code: 0, stdout: 'nosudo\n' });
      expect((await overSsh(address, 'nosudo', sshKey, 'sudo -n true')).code).toBe(1);
    }
  });

  it('refuse another key', async () => {
    const wrong = newSshKey().private;
    await expect(overSsh(machine.address, 'root', wrong, 'true')).rejects.toThrow('authentication');
  });

  it('have each a host key, host name, address and machine id of their own', async () => {
    const seen = await Promise.all(
      machines.map(({ address, sshKey }) => overSsh(address, 'root', sshKey, 'cat /etc/machine-id')),
    );
    const told = await Promise.all(machines.map((one) => one.hostKeyFingerprint()));
    expect(seen.map(({ hostKey }) => hostKey)).toEqual(told);
    expect(new Set(told).size).toBe(3);
    expect(new Set(seen.map(({ stdout }) => stdout)).size).toBe(3);
    expect(new Set(machines.map(({ address }) => address)).size).toBe(3);
  });

  it('run a complete system in cgroups of their own', async () => {
    const { stdout, code } = await machine.exec(
      'systemctl is-system-running --wait; cut -d: -f3 /proc/self/cgroup | sort -u',
    );
    expect(code).toBe(0);
    // Which of the two depends on the cgroup version and on who entered; another name would be the host's.
    expect(stdout).toMatch(/^running\n(\/\n)?(\/init\.scope\n)?$/);
  });

  it('reach each other', async () => {
    const greeting = `timeout 5 bash -c 'read -r line </dev/tcp/${machines[1]!.address}/22; echo $line'`;
    expect((await machine.exec(greeting)).stdout).toMatch(/^SSH-2.0-/);
  });

  it('tell exit codes and both outputs of a command', async () => {
    expect(await machine.exec('echo out; echo err >&2; exit 3')).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('list what was changed on them, on disk and in memory', async () => {
    const before = await machine.listFiles();
    await machine.exec(
      'echo 1234 >/etc/new; ln -s new /etc/alias; rm /etc/debian_version; mkdir /run/left; echo 1 >/var/lib/k0s/x',
    );
    const after = await machine.listFiles();
    expect([...after].filter(([path, what]) => before.get(path) !== what)).toEqual([
      ['/etc/alias', 'link new'],
      ['/etc/debian_version', 'removed'],
      ['/etc/new', 'file 5'],
      ['/run/left', 'folder'],
      ['/var/lib/k0s/x', 'file 2'],
    ]);
  });

  it('show another host key after it was renewed', async () => {
    const before = await machine.hostKeyFingerprint();
    await machine.renewHostKey();
    const { hostKey } = await overSsh(machine.address, 'root', machine.sshKey, 'true');
    expect(hostKey).toBe(await machine.hostKeyFingerprint());
    expect(hostKey).not.toBe(before);
  });

  it.each(['reboot', 'stop', 'kill'] as const)('keep their files and host key over %s', async (verb) => {
    const bootId = 'cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1';
    await machine.exec(`echo ${verb} >/etc/kept; sync; touch /run/lost`);
    const before = { boot: await machine.exec(bootId), key: await machine.hostKeyFingerprint() };
    await machine[verb]();
    if (verb !== 'reboot') {
      expect(await sshAnswers(machine.address)).toBe(false);
      await machine.start();
    }
    expect(await machine.exec('cat /etc/kept; ls /run/lost 2>/dev/null')).toMatchObject({ stdout: `${verb}\n` });
    expect(await machine.hostKeyFingerprint()).toBe(before.key);
    expect(await machine.exec(bootId)).not.toEqual(before.boot);
  });

  it('are found again by whoever takes the lab up', async () => {
    const found = await listMachines(lab);
    expect(found.map(({ name, address }) => ({ name, address }))).toEqual(
      machines.map(({ name, address }) => ({ name, address })),
    );
    expect((await found[1]!.exec('hostname')).stdout).toBe(`${machines[1]!.name}\n`);
  });

  it('fetch files that the lab serves, and nothing beside them', async () => {
    const folder = join(lab.dir, 'served');
    mkdirSync(folder);
    writeFileSync(join(folder, 'k0s v1+k0s.0'), 'content');
    const server = await serveFiles(lab, folder);
    expect(await machine.exec(`curl -sf '${server.url}/k0s%20v1+k0s.0'`)).toMatchObject({ code: 0, stdout: 'content' });
    expect((await machine.exec(`curl -sf --path-as-is ${server.url}/../lab.json`)).code).toBe(22);
    await server.close();
    expect((await machine.exec(`curl -sf ${server.url}/`)).code).toBe(7);
  });

  it('can be removed one by one, and their numbers are used again', async () => {
    await machines[2]!.remove();
    expect(await listMachines(lab)).toHaveLength(2);
    const [again] = await startMachines(lab, 1, { namePrefix: 'again' });
    expect(again).toMatchObject({ name: 'again-3', address: machines[2]!.address });
  });
});

onEachKind('a lab with machines', (kind) => {
  // The processes and cgroups of a container do not bear the lab's marks.
  const fewestTraces = kind === 'nspawn' ? 11 : 6;

  it('leaves nothing on the host, and another lab untouched', async () => {
    const [first, second] = [await openLab(), await openLab()];
    try {
      const [[one], [other]] = [await startMachines(first, 1), await startMachines(second, 1)];
      const marks = marksOf(first.dir);
      expect((await tracesOf(marks)).length).toBeGreaterThanOrEqual(fewestTraces);
      await first.close();
      expect(await tracesOf(marks)).toEqual([]);
      expect(other!.address).not.toBe(one!.address);
      expect((await overSsh(other!.address, 'root', other!.sshKey, 'true')).code).toBe(0);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  it.each(['booting', 'up'])(
    'is swept without a trace when its owner was killed while machines were %s',
    async (phase) => {
      const name = `t-${randomBytes(3).toString('hex')}`;
      const victim = spawn(process.execPath, [join(import.meta.dirname, 'machines-victim.ts'), name], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = new Promise((resolve) => victim.once('exit', resolve));
      let said = '';
      victim.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await eventually(() => expect(said).toContain(phase), { timeoutMs: 60_000 });
      const marks = marksOf(join(labsDir(), name));
      victim.kill('SIGKILL');
      await ended;
      expect((await tracesOf(marks)).length).toBeGreaterThanOrEqual(fewestTraces);
      await sweep();
      expect(await tracesOf(marks)).toEqual([]);
    },
  );
});
