import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Machine as CapiMachine, RemoteMachine, Secret } from '@k0smotron/api';
import { startMachines, type Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { sample, sshKeySecret, withField, type Manifest } from './cluster/manifests.ts';
import { bootstrapData, hostsCluster, onHost, ownerMachine } from './remote-machine/objects.ts';
import {
  crashAndRestart,
  deleteMachines,
  differences,
  inDefault,
  pictureOf,
  pinOf,
  read,
  waitProvisioned,
  waitReconciled,
  waitSettled,
  waitUntilFree,
  waitUntilGone,
} from './remote-machine/observe.ts';
import { startSystem, type System } from './system/start-system.ts';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

/** Hand-made data with what cloud-init understands; each command leaves one line in the file that counts them. */
const everything = `## template: jinja
#cloud-config
write_files:
  - path: /etc/scenario/deep/plain.txt
    content: |
      plain
  - path: /etc/scenario/secret.key
    permissions: '0600'
    owner: remoteuser:remoteuser
    encoding: b64
    content: ${base64('from base64\n')}
  - path: /etc/scenario/packed.bin
    permissions: '0640'
    encoding: gz+b64
    content: ${base64(gzipSync(Buffer.from([0, 1, 2, 255])))}
  - path: /etc/hosts
    append: true
    content: |
      192.0.2.77 appended-by-scenario
runcmd:
  - id -un > /etc/scenario/who
  - [sh, -c, 'printf "%s|" "$@" > /etc/scenario/words', x, 'two words', "it's", '$HOME "quoted"']
  - echo one >> /etc/scenario/count
  - cat /etc/scenario/secret.key > /etc/scenario/copied
`;

/** The commands wait for the test in the middle, so that a crash there is certain. */
const interrupted = `#cloud-config
runcmd:
  - echo first >> /var/tmp/count
  - echo second >> /var/tmp/count; while [ ! -e /var/tmp/go ]; do sleep 0.1; done
  - echo third >> /var/tmp/count
`;

describe('a RemoteMachine', () => {
  let system: System;
  let [host, second, third]: Machine[] = [];

  beforeAll(async () => {
    system = await startSystem();
    [host, second, third] = await startMachines(system.lab, 3);
    await applyManifests(system, hostsCluster());
  }, 240_000);
  afterAll(() => system?.close());

  const key = (name: string, machine: Machine): Manifest => sshKeySecret(`${name}-key`, machine.sshKey);

  it('of the article is provisioned by hand-made data as root, and leaves nothing behind', async () => {
    const machine = host as Machine;
    const before = await pictureOf(machine);
    const hosts = await read(machine, '/etc/hosts');
    const [article] = (await sample('remote-machine')).map((it) => withField(it, ['spec', 'address'], machine.address));
    const name = 'my-remote-machine';
    await applyManifests(system, [
      sshKeySecret('ssh-key-secret', machine.sshKey),
      bootstrapData(`${name}-data`, everything),
      withField(article as Manifest, ['metadata', 'namespace'], 'default'),
      ownerMachine(name),
    ]);
    await waitProvisioned(system, name);

    expect(await read(machine, '/etc/scenario/who')).toBe('root\n');
    expect(await read(machine, '/etc/scenario/words')).toBe(`two words|it's|$HOME "quoted"|`);
    expect(await read(machine, '/etc/scenario/copied')).toBe('from base64\n');
    expect(await read(machine, '/etc/hosts')).toBe(`${hosts}192.0.2.77 appended-by-scenario\n`);
    const { stdout: modes } = await machine.exec(
      'cd /etc/scenario; stat -c "%n %a %U:%G" . deep deep/plain.txt secret.key packed.bin; od -An -tu1 packed.bin',
    );
    expect(modes.trim().split('\n')).toEqual([
      '. 755 root:root',
      'deep 755 root:root',
      'deep/plain.txt 644 root:root',
      'secret.key 600 remoteuser:remoteuser',
      'packed.bin 640 root:root',
      '   0   1   2 255',
    ]);
    expect(await pinOf(system, name)).toBe(await machine.hostKeyFingerprint());
    const stored = await system.kube.get(RemoteMachine, inDefault(name));
    expect(stored?.spec.providerID).toBe(`remote-machine://${machine.address}:22`);
    expect(stored?.status?.initialization?.provisioned).toBe(true);
    // Core saw it, and the user's SSH key is held until the clean-up.
    await eventually(async () => {
      const owner = await system.kube.get(CapiMachine, inDefault(name));
      expect(owner?.spec.providerID).toBe(stored?.spec.providerID);
    });
    expect((await system.kube.get(Secret, inDefault('ssh-key-secret')))?.metadata.finalizers).toHaveLength(1);
    expect(await read(machine, '/etc/scenario/count')).toBe('one\n');

    await machine.exec('rm -f /etc/scenario/who /etc/scenario/words /etc/scenario/count /etc/scenario/copied');
    await deleteMachines(system, [name]);
    expect(differences(before, await pictureOf(machine)).filter((line) => !line.startsWith('/etc/hosts'))).toEqual([]);
    expect(await read(machine, '/etc/hosts')).toBe(hosts);
    await waitUntilFree(system, 'ssh-key-secret');
    await waitUntilGone(system, `${name}-clean-up`);
  }, 120_000);

  it('goes on where it was after a crash in the middle, and runs nothing twice', async () => {
    const machine = second as Machine;
    await applyManifests(system, [
      key('crash', machine),
      bootstrapData('crash-data', interrupted),
      onHost('crash', machine),
      ownerMachine('crash'),
    ]);
    await eventually(async () => expect(await read(machine, '/var/tmp/count')).toBe('first\nsecond\n'), {
      timeoutMs: 30_000,
    });
    await crashAndRestart(system, 'infrastructure');
    await machine.exec('touch /var/tmp/go');
    await waitProvisioned(system, 'crash');
    expect(await read(machine, '/var/tmp/count')).toBe('first\nsecond\nthird\n');
    // Settled: the next leader looks at it and writes nothing.
    const settled = await waitSettled(system, 'crash');
    await crashAndRestart(system, 'infrastructure');
    await waitReconciled(system, 'infrastructure', 'remote-machine');
    expect((await system.kube.get(RemoteMachine, inDefault('crash')))?.metadata.resourceVersion).toBe(
      settled.metadata.resourceVersion,
    );
    await deleteMachines(system, ['crash']);
    expect((await machine.exec('ls -d /var/lib/k0smotron')).code).not.toBe(0);
  }, 120_000);

  it('that is deleted in the middle is stopped on the host, even when Machine data and keys are going', async () => {
    const machine = third as Machine;
    await applyManifests(system, [
      key('stopped', machine),
      bootstrapData('stopped-data', interrupted),
      onHost('stopped', machine),
      ownerMachine('stopped'),
    ]);
    await eventually(async () => expect(await read(machine, '/var/tmp/count')).toBe('first\nsecond\n'), {
      timeoutMs: 30_000,
    });
    await system.kube.remove(Secret, inDefault('stopped-data'));
    await system.kube.remove(Secret, inDefault('stopped-key')); // held by the machine until it is clean
    await deleteMachines(system, ['stopped']);
    await machine.exec('touch /var/tmp/go');
    expect((await machine.exec("pgrep -f '[/]var/tmp/go'")).code).not.toBe(0);
    expect((await machine.exec('ls -d /var/lib/k0smotron')).code).not.toBe(0);
    expect(await read(machine, '/var/tmp/count')).toBe('first\nsecond\n');
    await waitUntilGone(system, 'stopped-key');
  }, 120_000);
});
