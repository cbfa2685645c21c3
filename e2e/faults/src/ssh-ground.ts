import { Machine as CapiMachine, RemoteMachine } from '@k0smotron/api';
import type { Condition } from '@k0smotron/core';
import { startMachines, type Machine } from '@k0smotron/lab';
import {
  applyManifests,
  bootstrapData,
  conditionOf,
  ensureBundles,
  hostsCluster,
  inDefault,
  ownerMachine,
  remoteMachine,
  sshKeySecret,
  startSystem,
  waitProvisioned,
  type Manifest,
  type System,
} from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';

/** A system with hosts that nobody has yet. */
export interface SshGround {
  readonly system: System;
  readonly hosts: readonly Machine[];
}

/** Starts everything from fresh bundles, and boots hosts. */
export async function prepareHosts(count: number): Promise<SshGround> {
  await ensureBundles();
  const system = await startSystem();
  const hosts = await startMachines(system.lab, count);
  await applyManifests(system, hostsCluster());
  return { system, hosts };
}

/** What a RemoteMachine of these tests is made of. */
export interface Bootstrap {
  readonly name: string;
  readonly host: Machine;
  readonly commands: readonly string[];
  /** Where it is reached, when not at its own address. */
  readonly through?: { readonly port: number };
}

/** Applies RemoteMachines with all that they need; the commands of each run in order. */
export async function bootstrap(system: System, ...all: readonly Bootstrap[]): Promise<void> {
  await applyManifests(system, all.flatMap(manifestsOf));
}

function manifestsOf({ name, host, commands, through }: Bootstrap): Manifest[] {
  const place = through ? { address: '127.0.0.1', port: through.port } : { address: host.address };
  return [
    sshKeySecret(`${name}-key`, host.sshKey),
    bootstrapData(`${name}-data`, `#cloud-config\n${JSON.stringify({ runcmd: commands })}\n`),
    remoteMachine(name, { ...place, user: 'root', sshKeyRef: { name: `${name}-key` } }),
    ownerMachine(name),
  ];
}

/** Waits until the bootstrap has ended well; a fault takes longer than a scenario does. */
export const provisioned = (system: System, name: string, timeoutMs = 90_000): Promise<Condition> =>
  waitProvisioned(system, name, timeoutMs);

/** Asks for the end of a Machine. */
export const remove = ({ kube }: System, name: string): Promise<void> => kube.remove(CapiMachine, inDefault(name));

/** Waits until a RemoteMachine is gone. */
export const gone = ({ kube }: System, name: string, timeoutMs = 90_000): Promise<void> =>
  eventually(
    async () => {
      const machine = await kube.get(RemoteMachine, inDefault(name));
      if (machine) throw new Error(conditionOf(machine, 'Ready')?.message ?? 'still there');
    },
    { timeoutMs, everyMs: 100, what: `the end of RemoteMachine ${name}` },
  );

/** What a command of a host printed. @throws when it failed. */
export async function said(host: Machine, command: string): Promise<string> {
  const { code, stdout, stderr } = await host.exec(command);
  if (code !== 0) throw new Error(`${command}: exit ${code}: ${stderr}`);
  return stdout;
}

/** Commands that leave one line each in a file of the host, so that running twice is seen; each waits for its gate. */
export interface GatedSteps {
  readonly commands: readonly string[];
  /** Waits until the step (from 1) runs. */
  running(step: number, timeoutMs?: number): Promise<void>;
  /** Lets the step go to its end. */
  open(step: number): Promise<void>;
  /** Numbers of the steps that came to their end, in order. */
  done(): Promise<readonly number[]>;
}

/** As many steps as told, whose files are named after the machine. */
export function gatedSteps(host: Machine, name: string, count: number): GatedSteps {
  const file = (what: string): string => `/var/tmp/${name}-${what}`;
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  return {
    commands: numbers.map((step) =>
      [
        `touch ${file(`in-${step}`)}`,
        `while [ ! -e ${file(`gate-${step}`)} ]; do sleep 0.1; done`,
        `echo ${step} >> ${file('done')}`,
      ].join('; '),
    ),
    running: (step, timeoutMs = 60_000) =>
      eventually(async () => void (await said(host, `ls ${file(`in-${step}`)}`)), {
        timeoutMs,
        what: `step ${step} of ${name}`,
      }),
    open: async (step) => void (await said(host, `touch ${file(`gate-${step}`)}`)),
    done: async () =>
      (await said(host, `cat ${file('done')} 2>/dev/null || true`)).split('\n').filter(Boolean).map(Number),
  };
}

/** What is left of us on a host: journals, and processes that name one. */
export async function leftOn(host: Machine): Promise<string> {
  const journals = await host.exec('ls -A /var/lib/k0smotron');
  // In a call of its own, whose shell does not name what it looks for.
  const processes = await host.exec("pgrep -af '[/]var/lib/k0smotron'");
  return `${journals.stdout}${processes.stdout}`;
}
