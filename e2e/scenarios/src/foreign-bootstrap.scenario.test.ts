import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Machine as CapiMachine, Node } from '@k0smotron/api';
import { startMachines, type Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { sshKeySecret, withField, type Manifest } from './cluster/manifests.ts';
import { startAgain, stopAtOnce } from './cluster/services-at-once.ts';
import { configRef, foreignConfig, foreignConfigCrd } from './foreign/foreign-config.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { bootstrapData, hostsCluster, onHost, ownerMachine } from './remote-machine/objects.ts';
import { inDefault, waitProvisioned } from './remote-machine/observe.ts';
import { startSystem, type System } from './system/start-system.ts';

/** Says that it succeeded, as data of bootstrap providers does. */
const nothing =
  '#cloud-config\nruncmd:\n  - mkdir -p /run/cluster-api && touch /run/cluster-api/bootstrap-success.complete\n';

/** The management cluster also plays the workload cluster: only Nodes are looked at there. */
describe('the Node of a RemoteMachine', () => {
  let system: System;
  let hosts: readonly Machine[];

  const kubeconfig = async (): Promise<Manifest> => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hosts-kubeconfig', namespace: 'default' },
    type: 'cluster.x-k8s.io/secret',
    stringData: { value: await readFile(system.controlPlane.kubeconfigPath, 'utf8') },
  });
  const parts = (name: string, host: Machine): Manifest[] => [
    sshKeySecret(`${name}-key`, host.sshKey),
    bootstrapData(`${name}-data`, nothing),
    onHost(name, host),
  ];
  const register = async (name: string, { address }: Machine): Promise<void> => {
    await system.kube.create(Node, { metadata: { name }, spec: {} });
    const status = { addresses: [{ type: 'InternalIP', address }] };
    await system.kube.patch(Node, { name }, { type: 'merge', body: { status } }, { subresource: 'status' });
  };
  const providerIdOf = async (name: string): Promise<string | undefined> =>
    (await system.kube.get(Node, { name }))?.spec.providerID;
  const eventuallyHasId = (name: string, { address }: Machine): Promise<void> =>
    eventually(async () => expect(await providerIdOf(name)).toBe(`remote-machine://${address}:22`), {
      timeoutMs: 20_000,
      what: `Node ${name} to have its provider id`,
    });
  const host = (at: number): Machine => {
    const found = hosts[at];
    if (!found) throw new Error(`no machine ${at}`);
    return found;
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    hosts = await startMachines(system.lab, 3);
    await applyManifests(system, [...hostsCluster(), await kubeconfig(), foreignConfigCrd]);
    await system.controlPlane.kubectl('wait', '--for=condition=Established', `crd/${foreignConfigCrd.metadata.name}`);
  }, 240_000);
  afterAll(() => system?.close());

  it('that a foreign bootstrap kind booted is known by its address and gets the provider id', async () => {
    await register('ip-foreign', host(0));
    const machine = withField(ownerMachine('foreign'), ['spec', 'bootstrap'], {
      configRef: configRef('FarmConfig', 'foreign'),
    });
    await applyManifests(system, [...parts('foreign', host(0)), foreignConfig('foreign'), machine]);
    const status = JSON.stringify({
      status: { dataSecretName: 'foreign-data', initialization: { dataSecretCreated: true } },
    });
    await system.controlPlane.kubectl(
      'patch',
      'farmconfig',
      'foreign',
      '--subresource=status',
      '--type=merge',
      '-p',
      status,
    );
    await waitProvisioned(system, 'foreign');
    await eventuallyHasId('ip-foreign', host(0));
  }, 90_000);

  it('that registers after its host ran data made by hand gets the provider id as it comes', async () => {
    await applyManifests(system, [...parts('by-hand', host(1)), ownerMachine('by-hand')]);
    await waitProvisioned(system, 'by-hand');
    await eventually(async () => {
      const machine = await system.kube.get(CapiMachine, inDefault('by-hand'));
      expect(machine?.status?.addresses).toHaveLength(1);
    });
    await register('ip-by-hand', host(1));
    await eventuallyHasId('ip-by-hand', host(1));
    const labels = (await system.kube.get(Node, { name: 'ip-by-hand' }))?.metadata.labels;
    expect(labels).toMatchObject({ 'k0smotron.io/machine-name': 'by-hand' });
  }, 90_000);

  it('that our data booted is left to the bootstrap service', async () => {
    const machine = withField(
      ownerMachine('ours'),
      ['spec', 'bootstrap', 'configRef'],
      configRef('K0sWorkerConfig', 'ours'),
    );
    const config = {
      ...foreignConfig('ours'),
      apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2',
      kind: 'K0sWorkerConfig',
    };
    await applyManifests(system, [...parts('ours', host(2)), config, machine]);
    await stopAtOnce(system, 'bootstrap');
    await waitProvisioned(system, 'ours');
    await register('ours', host(2));
    // The same event, the same service, the same cluster: what infrastructure takes care of, it has done by then.
    await system.kube.remove(Node, { name: 'ip-by-hand' });
    await system.kube.remove(CapiMachine, inDefault('by-hand'));
    await eventually(async () => expect(await system.kube.get(CapiMachine, inDefault('by-hand'))).toBeUndefined(), {
      timeoutMs: 60_000,
    });
    await applyManifests(system, [...parts('once-more', host(1)), ownerMachine('once-more')]);
    await register('ip-once-more', host(1));
    await eventuallyHasId('ip-once-more', host(1));
    expect(await providerIdOf('ours')).toBeUndefined();
    await startAgain(system, 'bootstrap');
    await eventuallyHasId('ours', host(2));
  }, 120_000);
});
