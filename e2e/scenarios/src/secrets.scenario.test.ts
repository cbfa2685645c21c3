import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  ConfigMap,
  K0sControllerConfig,
  K0sControlPlane,
  KubeEvent,
  Lease,
  RemoteCluster,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { hostlessCluster } from './cluster/hostless-cluster.ts';
import { prepareGround, type Ground } from './cluster/lab-cluster.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { startAgain, stopAtOnce } from './cluster/services-at-once.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { endAlone, endCluster, failAlone, failToStore, liveAsCluster } from './planted/life.ts';
import { placesOf, type Place } from './planted/places.ts';
import { addSecrets, makePlants } from './planted/plants.ts';
import { SecretSearch } from './planted/search.ts';
import { inDefault } from './remote-machine/observe.ts';
import { neededElsewhere } from './rights-minimal-elsewhere.ts';
import { recordRights, without, type RecordedRights, type RightsRecorder } from './rights-minimal.ts';
import { systemNamespace } from './system/service-account.ts';
import { services } from './system/services.ts';
import { startSystem, type System } from './system/start-system.ts';

describeOnK0s('a life full of secrets', () => {
  let system: System;
  let ground: Ground | undefined;
  let rights: RecordedRights;
  const plants = makePlants();
  const search = new SecretSearch();

  let during: readonly Place[];

  /** What is found, as `log of bootstrap: fileSecret (Plant-…)`. */
  const leaksIn = (places: readonly Place[]): string[] =>
    places.flatMap(({ name, text }) => search.find(text).map(({ secret, seen }) => `${name}: ${secret} (${seen})`));

  /** Services that begin as on their first day, so that what they need only then is recorded, too. */
  const beginAnew = async (): Promise<RightsRecorder> => {
    const { kube } = system;
    await Promise.all(services.map(({ name }) => stopAtOnce(system, name)));
    for (const kind of [Lease, ConfigMap, Secret] as readonly Kind<KubeObject>[]) {
      const own = (await kube.list(kind, { namespace: systemNamespace })).filter(({ metadata }) =>
        metadata.name.startsWith('k0smotron-'),
      );
      await Promise.all(own.map(({ metadata }) => kube.remove(kind, metadata)));
    }
    const recorder = await recordRights(kube);
    await Promise.all(services.map(({ name }) => startAgain(system, name)));
    return recorder;
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 3);
    const recorder = await beginAnew();
    for (const [name, secret] of Object.entries<string>({ ...plants })) search.add(name, secret);
    const host = ground.machines[2];
    if (!host) throw new Error('three machines are needed');
    await Promise.all([
      failAlone(system, host, plants),
      failToStore(system, plants),
      liveAsCluster(system, ground, plants),
    ]);
    await addSecrets(search, system);
    during = await placesOf(system);
    await Promise.all([endAlone(system), endCluster(system)]);
    rights = await recorder.read();
    await recorder.close();
  }, 600_000);

  afterAll(async () => {
    await ground?.close();
    await system?.close();
  }, 120_000);

  it('needs every right that the services have', () => {
    expect(rights.unused.filter((it) => neededElsewhere[it] === undefined)).toEqual([]);
    // What is excused must still be granted.
    expect(Object.keys(neededElsewhere).filter((it) => !rights.granted.includes(it))).toEqual([]);
  });

  it('needs no right that they have not', () => expect(rights.uncovered).toEqual({}));

  it.each([
    { service: 'infrastructure', verb: 'patch', resource: 'remoteclusters/status', stuck: RemoteCluster },
    { service: 'control-plane', verb: 'create', resource: 'machines', stuck: K0sControlPlane },
    { service: 'bootstrap', verb: 'create', resource: 'secrets', stuck: K0sControllerConfig },
  ] as const)(
    'stands still, and says why, while $service may not $verb $resource',
    async ({ service, verb, resource, stuck }) => {
      const name = `bare-${service}`;
      const aboutIt = ({ regarding }: KubeEvent): boolean =>
        regarding?.['kind'] === stuck.kind && regarding['name']?.startsWith(name) === true;
      await without(system.kube, service, { verb, resource }, async () => {
        await applyManifests(system, hostlessCluster(name));
        await eventually(
          async () => {
            const events = await system.kube.list(KubeEvent, { namespace: 'default' });
            const notes = events.filter(aboutIt).map(({ note }) => note);
            expect(notes.join()).toContain(`cannot ${verb} resource "${resource}"`);
          },
          { timeoutMs: 40_000, what: 'an Event that names the right' },
        );
      });
      await eventually(
        async () => {
          const configs = await system.kube.list(K0sControllerConfig, { namespace: 'default' });
          const config = configs.find(({ metadata }) => metadata.name.startsWith(name));
          expect(config?.status?.initialization?.dataSecretCreated).toBe(true);
        },
        { timeoutMs: 40_000, what: 'work to go on' },
      );
    },
  );

  it('is told nowhere', async () => {
    expect(leaksIn(during)).toEqual([]);
    expect(leaksIn(await placesOf(system))).toEqual([]);
  });

  it('is looked for wherever the services say something', () => {
    const text = (start: string): string =>
      during
        .filter(({ name }) => name.startsWith(start))
        .map((place) => place.text)
        .join();
    for (const { name } of services) {
      expect(text(`log of ${name}`)).toContain('"level":"debug"');
      expect(text(`metrics of ${name}`)).toContain('k0smotron_');
    }
    expect(text('NATS')).toContain('remote-command-run');
    expect(text('Event')).toContain('DataSecretCreated');
    expect(text('ConfigMap k0smotron-system/k0smotron-audit-')).toContain('sequence');
    expect(text('RemoteMachine default/fails')).toContain('[redacted RSA PRIVATE KEY]');
    expect(text('K0sControlPlane')).toContain('EtcdClusterHealthy');
  });

  it('would be found if it were told', async () => {
    const part = plants.printedKey.split('\n')[20]?.slice(3, 30) ?? '';
    const encoded = Buffer.from(`x: ${plants.userDataPassword} and so on`).toString('base64');
    const data = { part, encoded, 'plain.txt': `the password is ${plants.fileSecret}` };
    await system.kube.create(ConfigMap, { metadata: inDefault('control'), data });
    const found = leaksIn(await placesOf(system));
    expect(found.map((leak) => leak.replace(/ \(.*/, '')).sort()).toEqual([
      'ConfigMap default/control: fileSecret',
      'ConfigMap default/control: printedKey',
      'ConfigMap default/control: userDataPassword',
    ]);
    await system.kube.remove(ConfigMap, inDefault('control'));
  });

  it('stays secret when a process is aborted: none leaves a report, a heap or a core behind', async () => {
    for (const { name, process } of system.services) {
      await process.stop('SIGABRT');
      const { signal } = await process.exited;
      expect(`${name} ${signal}`).toBe(`${name} SIGABRT`);
    }
    const files = await readdir(system.lab.dir);
    expect(files.filter((file) => /^(report|core|Heap|.*\.heapsnapshot|.*\.cpuprofile)/i.test(file))).toEqual([]);
  });
});
