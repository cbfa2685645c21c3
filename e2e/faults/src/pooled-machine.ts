import { ConfigMap, Machine as CapiMachine, PooledRemoteMachine, RemoteMachine, Secret } from '@k0smotron/api';
import { startMachines, type Machine } from '@k0smotron/lab';
import {
  applyManifests,
  bootstrapData,
  conditionOf,
  differences,
  hostsCluster,
  inDefault,
  launchService,
  ownerMachine,
  pictureOf,
  poolHosts,
  remoteMachine,
  startAgain,
  startSystem,
  stopAtOnce,
  systemNamespace,
  waitForCondition,
  waitSettled,
  type Manifest,
  type Picture,
  type System,
} from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import type { Moment } from './aim.ts';
import { immortal, keepKilling, type Mortality } from './mortal.ts';
import { normalise, outlineOf } from './normalise.ts';
import { followFacts, type ToldFacts } from './told-facts.ts';
import { readTrace, type Trace } from './trace.ts';

const counted = '/var/tmp/faults-count';

/** Files and commands; each command leaves one line, so that running twice is seen. One lasts long enough to die in it. */
const data = `#cloud-config
write_files:
  - path: /etc/faults/plain.txt
    content: plain
  - path: /etc/hosts
    append: true
    content: |
      192.0.2.78 appended-by-faults
runcmd:
  - echo one >> ${counted}
  - echo two >> ${counted}; sleep 0.3
  - echo three >> ${counted}
`;

/** What a machine of a pool came to: to be compared between an undisturbed life and a cruel one. */
export interface EndState {
  /** Objects once it was provisioned, and what its commands had done. */
  readonly provisioned: unknown;
  /** Objects and differences on the host once it was deleted. */
  readonly deleted: unknown;
  /** Facts about it, de-duplicated. */
  readonly facts: readonly string[];
}

/** One life of a machine: how it ended and what the service did. */
export interface PooledRun {
  readonly end: EndState;
  readonly trace: Trace;
  /** The effects that the service was killed after. */
  readonly kills: { readonly provisioning: readonly string[]; readonly deletion: readonly string[] };
  readonly seconds: number;
}

/** First after the n-th effect, then after a few, then after more: so that each run comes to its end. */
export const killedAfter = (n: number, firstEnd: Moment = 'sent'): Mortality => ({
  first: n,
  firstEnd,
  later: [4, 7, 14, 28],
});

/** A system with one host in a pool. */
export interface PooledGround {
  readonly system: System;
  readonly host: Machine;
  readonly facts: ToldFacts;
  readonly before: Picture;
  close(): Promise<void>;
}

/** Starts a system whose infrastructure service is down: each run brings its own. */
export async function preparePool(): Promise<PooledGround> {
  // Each claim is made while the service is down, whose webhook would have to let it in.
  const system = await startSystem({ withoutAdmission: true });
  const [host] = await startMachines(system.lab, 1);
  if (!host) throw new Error('no machine');
  await applyManifests(system, [...hostsCluster(), ...poolHosts('pool', [host])]);
  await waitForCondition(system.kube, PooledRemoteMachine, inDefault(`pool-${host.name}`), {
    type: 'Available',
    status: 'True',
  });
  await stopAtOnce(system, 'infrastructure');
  const [facts, before] = await Promise.all([followFacts(system), pictureOf(host)]);
  return {
    system,
    host,
    facts,
    before,
    async close() {
      await facts.close();
      await startAgain(system, 'infrastructure'); // so that a given cluster can be emptied
      await system.close();
    },
  };
}

/** Provisions and deletes one machine of the pool under an infrastructure service that dies as told. */
export async function runPooledMachine(
  ground: PooledGround,
  name: string,
  mortality: Mortality = immortal,
  reference?: EndState,
): Promise<PooledRun> {
  const { system, host, facts } = ground;
  const startedAt = performance.now();
  const tracePath = `${system.lab.dir}/${name}.trace`;
  // In the version that is stored: the service that converts is the one that dies.
  const claim: Manifest = {
    ...remoteMachine(name, { pool: 'pool' }),
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
  };
  await applyManifests(system, [bootstrapData(`${name}-data`, data), claim, ownerMachine(name)]);
  const place = system.services.find((service) => service.name === 'infrastructure');
  if (!place) throw new Error('no infrastructure service');
  const start = (env: Readonly<Record<string, string>>) => launchService(place, system, { env, leaderElect: false });
  const mortal = await keepKilling(start, mortality, tracePath);
  try {
    await waitForCondition(system.kube, RemoteMachine, inDefault(name), {
      type: 'Ready',
      status: 'True',
      timeoutMs: 60_000,
    });
    await waitSettled(system, name);
    await waitForCore(system, name);
    const provisioned = await agreeing(() => provisionedState(ground, name), reference?.provisioned);
    const { kills: provisioning } = readTrace(tracePath);
    await host.exec(`rm -f ${counted}`);
    await system.kube.remove(CapiMachine, inDefault(name));
    await waitUntilOver(ground, name);
    await system.kube.remove(Secret, inDefault(`${name}-data`));
    const deleted = await agreeing(() => deletedState(ground), reference?.deleted);
    const told = await agreeing(() => Promise.resolve(facts.about(name)), reference?.facts);
    const seconds = (performance.now() - startedAt) / 1000;
    const trace = readTrace(tracePath);
    const kills = { provisioning, deletion: trace.kills.slice(provisioning.length) };
    return { end: { provisioned, deleted, facts: told }, trace, kills, seconds };
  } finally {
    await mortal.end();
  }
}

/** Core copies what the machine says, in its own time. */
const waitForCore = ({ kube }: System, name: string): Promise<void> =>
  eventually(
    async () => {
      const machine = await kube.get(CapiMachine, inDefault(name));
      if (!machine?.status?.addresses?.length || !machine.spec.providerID) throw new Error('not told');
    },
    { timeoutMs: 30_000, what: `Machine ${name} to tell of its host` },
  );

/** Reads until it is as wanted, or for long enough that it will not be; then the caller compares. */
async function agreeing<T>(read: () => Promise<T>, wanted: unknown): Promise<T> {
  const text = JSON.stringify(wanted);
  let last = await read();
  if (wanted === undefined) return last;
  await eventually(
    async () => {
      last = await read();
      if (JSON.stringify(last) !== text) throw new Error('not yet');
    },
    { timeoutMs: 60_000, everyMs: 100 },
  ).catch(() => undefined);
  return last;
}

async function provisionedState({ system, host }: PooledGround, name: string): Promise<unknown> {
  const { kube } = system;
  const names = { [name]: 'RUN' };
  const machine = await kube.get(CapiMachine, inDefault(name));
  const count = await host.exec(`cat ${counted}; cat /etc/faults/plain.txt; grep -c appended-by-faults /etc/hosts`);
  return normalise(
    {
      remote: sorted(await kube.get(RemoteMachine, inDefault(name))),
      host: sorted(await kube.get(PooledRemoteMachine, inDefault(`pool-${host.name}`))),
      machine: {
        providerID: machine?.spec.providerID,
        addresses: machine?.status?.addresses,
        infrastructureReady: conditionOf(machine, 'InfrastructureReady')?.status,
      },
      secrets: await secretOutlines(system, names),
      count: count.stdout,
    },
    names,
  );
}

async function deletedState({ system, host, before }: PooledGround): Promise<unknown> {
  const { kube } = system;
  const records = await kube.list(ConfigMap, { namespace: systemNamespace });
  return normalise({
    machines: (await kube.list(CapiMachine, { namespace: 'default' })).map(outlineOf),
    remotes: (await kube.list(RemoteMachine, { namespace: 'default' })).map(outlineOf),
    host: sorted(await kube.get(PooledRemoteMachine, inDefault(`pool-${host.name}`))),
    secrets: await secretOutlines(system),
    audit: records.map(({ metadata }) => metadata.name).filter((it) => it.startsWith('k0smotron-audit-infrastructure')),
    files: differences(before, await pictureOf(host)),
  });
}

/** Conditions stand in the order in which they first came, which is nobody's promise. */
function sorted(object: { readonly status?: object } | undefined): unknown {
  const { conditions = [], ...status } = (object?.status ?? {}) as { conditions?: readonly { type: string }[] };
  return {
    ...object,
    status: { ...status, conditions: conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)) },
  };
}

const secretOutlines = async ({ kube }: System, names: Readonly<Record<string, string>> = {}) =>
  (await kube.list(Secret, { namespace: 'default' }))
    .map((secret) => normalise(outlineOf(secret), names) as ReturnType<typeof outlineOf>)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Until the machine, its Secret and the outbox records of the run are gone. */
function waitUntilOver({ system: { kube } }: PooledGround, name: string): Promise<void> {
  return eventually(
    async () => {
      const remote = await kube.get(RemoteMachine, inDefault(name));
      if (remote) throw new Error(`RemoteMachine: ${conditionOf(remote, 'Ready')?.message}`);
      if (await kube.get(CapiMachine, inDefault(name))) throw new Error('its Machine is there');
      if (await kube.get(Secret, inDefault(`${name}-clean-up`))) throw new Error('its clean-up Secret is there');
      const records = await kube.list(ConfigMap, { namespace: systemNamespace });
      const left = records.filter(({ metadata }) => metadata.name.startsWith('k0smotron-audit-infrastructure-'));
      if (left.length > 0) throw new Error(`${left.length} records in the outbox`);
    },
    { timeoutMs: 60_000, everyMs: 100, what: `the end of ${name}` },
  );
}
