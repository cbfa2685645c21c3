import { expect } from '@jest/globals';
import {
  ControlNode,
  EtcdMember,
  K0sControllerConfig,
  Machine as CapiMachine,
  RemoteMachine,
  Secret,
} from '@k0smotron/api';
import type { KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { System } from '../system/start-system.ts';
import { clusterKey, type Ground } from './lab-cluster.ts';
import { withField, type Manifest } from './manifests.ts';

const counted = '/var/tmp/bootstraps';

/** Names in order. */
export const namesOf = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ metadata }) => metadata.name).sort();

/** Lets each bootstrap of a controller leave one line on its host, which {@link expectInstalledOnce} counts. */
export const countingBootstraps = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.map((manifest) =>
    manifest.kind === 'K0sControlPlane'
      ? withField(manifest, ['spec', 'k0sConfigSpec', 'preStartCommands'], [`echo once >> ${counted}`])
      : manifest,
  );

/** What the management cluster holds for so many controllers, and nothing else; gives the names of their Machines. */
export async function expectExactly({ kube }: System, ground: Ground, count: number): Promise<readonly string[]> {
  const inDefault = { namespace: 'default' };
  const machines = namesOf(await kube.list(CapiMachine, inDefault));
  expect(machines).toHaveLength(count);
  expect(namesOf(await kube.list(RemoteMachine, inDefault))).toEqual(machines);
  expect(namesOf(await kube.list(K0sControllerConfig, inDefault))).toEqual(machines);
  const secrets = [
    ...['ca', 'etcd', 'kubeconfig', 'proxy', 'sa'].map((purpose) => `${clusterKey.name}-${purpose}`),
    ...machines.flatMap((machine) => [machine, `${machine}-clean-up`]),
    ...ground.machines.map((host) => `default-${host.name}-key`),
  ];
  expect(namesOf(await kube.list(Secret, inDefault))).toEqual(secrets.sort());
  return machines;
}

/** That k0s knows these controllers and no others; it makes its objects a while after a member has joined. */
export async function expectKnownToK0s(workload: KubeClient, machines: readonly string[]): Promise<void> {
  expect(namesOf(await workload.list(EtcdMember))).toEqual(machines);
  expect(namesOf(await workload.list(ControlNode))).toEqual(machines);
}

/** That nobody can join with a token that is left over. */
export async function expectNoToken(workload: KubeClient): Promise<void> {
  const secrets = namesOf(await workload.list(Secret, { namespace: 'kube-system' }));
  expect(secrets.filter((secret) => secret.startsWith('bootstrap-token-'))).toEqual([]);
}

/** That k0s was installed and started once on each host ({@link countingBootstraps}). */
export async function expectInstalledOnce({ machines }: Ground): Promise<void> {
  for (const host of machines) {
    const count = await host.exec(`cat ${counted}`);
    const starts = await host.exec("journalctl --no-pager -u k0scontroller | grep -c 'Started k0scontroller.service'");
    expect({ host: host.name, bootstraps: count.stdout, starts: starts.stdout.trim() }).toEqual({
      host: host.name,
      bootstraps: 'once\n',
      starts: '1',
    });
  }
}
