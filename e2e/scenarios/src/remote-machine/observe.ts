import { annotations, Machine as CapiMachine, RemoteMachine, Secret } from '@k0smotron/api';
import type { Condition } from '@k0smotron/core';
import type { Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { conditionOf, waitForCondition } from '../cluster/lab-cluster.ts';
import { startAgain, stopAtOnce } from '../cluster/services-at-once.ts';
import type { System } from '../system/start-system.ts';
import type { RunningService } from '../system/start-service.ts';

/** Key of an object of these scenarios. */
export const inDefault = (name: string) => ({ namespace: 'default', name });

/** Waits until a RemoteMachine shows a condition in a state, and gives the condition. */
export async function waitFor(
  { kube }: System,
  name: string,
  wanted: { readonly type: string; readonly status: string; readonly reason?: string; readonly timeoutMs?: number },
): Promise<Condition> {
  const machine = await waitForCondition(kube, RemoteMachine, inDefault(name), wanted);
  return conditionOf(machine, wanted.type) as Condition;
}

/** Waits until the bootstrap of a machine has ended well. */
export const waitProvisioned = (system: System, name: string, timeoutMs = 60_000): Promise<Condition> =>
  waitFor(system, name, { type: 'Ready', status: 'True', timeoutMs });

/** Deletes Machines and waits until they and their RemoteMachines are gone. */
export async function deleteMachines({ kube }: System, names: readonly string[], timeoutMs = 60_000): Promise<void> {
  await Promise.all(names.map((name) => kube.remove(CapiMachine, inDefault(name))));
  await eventually(
    async () => {
      const left = (await kube.list(RemoteMachine)).filter(({ metadata }) => names.includes(metadata.name));
      const why = left.map((it) => `${it.metadata.name}: ${conditionOf(it, 'Ready')?.message ?? ''}`);
      if (left.length > 0) throw new Error(`still there: ${why.join('; ')}`);
    },
    { timeoutMs, everyMs: 100, what: `the end of ${names.length} RemoteMachines` },
  );
}

/** Waits until nothing of ours holds a Secret any more. */
export const waitUntilFree = ({ kube }: System, secret: string): Promise<void> =>
  eventually(
    async () => {
      const { metadata } = (await kube.get(Secret, inDefault(secret))) ?? { metadata: undefined };
      if (metadata?.finalizers?.length) throw new Error(`held by ${metadata.finalizers.join(', ')}`);
    },
    { what: `Secret ${secret} to be free` },
  );

/** Waits until a Secret is gone; the garbage collector looks for new kinds of owners every 30 s only. */
export const waitUntilGone = ({ kube }: System, secret: string): Promise<void> =>
  eventually(
    async () => {
      if (await kube.get(Secret, inDefault(secret))) throw new Error('still there');
    },
    { timeoutMs: 60_000, what: `the end of Secret ${secret}` },
  );

/** Sets annotations of a RemoteMachine; `null` takes one off. */
export const annotate = ({ kube }: System, name: string, values: Record<string, string | null>) =>
  kube.patch(RemoteMachine, inDefault(name), { type: 'merge', body: { metadata: { annotations: values } } });

/** The pinned host key of a RemoteMachine. */
export const pinOf = async ({ kube }: System, name: string): Promise<string | undefined> =>
  (await kube.get(RemoteMachine, inDefault(name)))?.metadata.annotations?.[annotations.sshHostKey];

/** Reads a file of a machine, as a test's own look. */
export async function read(machine: Machine, path: string): Promise<string> {
  const { code, stdout } = await machine.exec(`cat ${path}`);
  if (code !== 0) throw new Error(`${path} is not there`);
  return stdout;
}

/** What systemd, sshd and sudo change by themselves on a machine that somebody logs in to. */
const noise = [
  /^\/run\/(systemd|user|sudo|log|sshd|lock|dbus|udev|utmp|motd|initctl|credentials|mount|host|shm|agetty)/,
  /^\/var\/log\/(journal|wtmp|btmp|lastlog|private)/,
  /^\/var\/lib\/(systemd|sudo|private|dbus|lastlog)/,
  /^\/tmp\/systemd-private-/,
  /^\/var\/tmp\/systemd-private-/,
  /^\/(root|home\/\w+)\/\.ssh/,
];

/** What a machine's file system looks like. */
export interface Picture {
  readonly files: ReadonlyMap<string, string>;
  /** All folders, those of the image included: these show up in `files` once anything below them was touched. */
  readonly folders: ReadonlySet<string>;
}

/** Takes a picture of a machine, to be compared with a later one. */
export async function pictureOf(machine: Machine): Promise<Picture> {
  const { stdout } = await machine.exec('find / /run /tmp -xdev -type d');
  return { files: await machine.listFiles(), folders: new Set(stdout.split('\n')) };
}

/** What is there, gone or of another size than before; noise left out. */
export function differences(before: Picture, after: Picture): string[] {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])];
  const was = (path: string): string => before.files.get(path) ?? (before.folders.has(path) ? 'folder' : 'nothing');
  const is = (path: string): string => after.files.get(path) ?? (after.folders.has(path) ? 'folder' : 'nothing');
  return paths
    .filter((path) => was(path) !== is(path) && !noise.some((it) => it.test(path)))
    .map((path) => `${path}: ${was(path)} → ${is(path)}`);
}

/** Ends a service without warning and starts it again; resolves when it is ready. It leads once its old lease has run out. */
export async function crashAndRestart(system: System, name: RunningService['name']): Promise<void> {
  await stopAtOnce(system, name);
  await startAgain(system, name);
}

/** Waits until the status tells of the present spec, after which nothing has to be written. */
export function waitSettled(system: System, name: string): Promise<RemoteMachine> {
  return eventually(
    async () => {
      const machine = await system.kube.get(RemoteMachine, { namespace: 'default', name });
      const ready = conditionOf(machine, 'Ready');
      if (!machine || ready?.observedGeneration !== machine.metadata.generation) {
        throw new Error('its Ready condition tells of an older spec');
      }
      return machine;
    },
    { timeoutMs: 20_000, what: `RemoteMachine ${name} to settle` },
  );
}

/** Waits until a controller of a service has come to the end of a run, which only a leader's does. */
export function waitReconciled(system: System, service: RunningService['name'], controller: string): Promise<void> {
  return eventually(
    async () => {
      const port = system.services.find(({ name }) => name === service)?.diagnosticsPort;
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const line = new RegExp(`^k0smotron_reconcile_total\\{[^}]*controller="${controller}".*\\} [1-9]`, 'm');
      if (!line.test(metrics)) throw new Error(`${controller} has not run yet`);
    },
    { timeoutMs: 30_000, what: `${service} to lead again` },
  );
}
