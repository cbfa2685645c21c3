import { afterEach, describe, expect, it } from '@jest/globals';
import { Node, type Cluster, type Machine } from '@k0smotron/api';
import { keyOf, silentLogger, type ObjectKey } from '@k0smotron/core';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import { eventually } from '@k0smotron/testing';
import { giveProviderId } from './give-provider-id.ts';
import { NodeWatches } from './node-watches.ts';

const providerID = 'remote-machine://192.0.2.7:22';
const never = new AbortController().signal;
const watches: NodeWatches[] = [];

afterEach(() => watches.splice(0).forEach((watch) => watch.close()));

function aMachine(over: { readonly status?: object; readonly annotations?: object } = {}): Machine {
  return {
    metadata: { namespace: 'ns', name: 'm', annotations: over.annotations ?? {} },
    spec: { clusterName: 'c', providerID },
    status: over.status ?? {},
  } as unknown as Machine;
}

const aNode = (name: string, over: { labels?: object; providerID?: string; addresses?: readonly string[] } = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: over.labels ?? {} },
  spec: over.providerID ? { providerID: over.providerID } : {},
  status: { addresses: (over.addresses ?? []).map((address) => ({ type: 'InternalIP', address })) },
});

interface Given {
  readonly nodes: readonly object[];
  readonly machine?: Machine;
  readonly paused?: boolean;
  /** `never`: there is no control-plane object, so core waits for the Node of a controller. */
  readonly initialized?: boolean | 'never';
  readonly addresses?: readonly string[];
}

function aWorld({ nodes, machine = aMachine(), paused, initialized = true, addresses = [] }: Given) {
  const workload: FakeKube = fakeKube({ objects: nodes as never });
  const watched = new NodeWatches(silentLogger);
  watches.push(watched);
  const woken: string[] = [];
  watched.source((key: ObjectKey) => woken.push(keyOf(key)));
  const dependencies = { workloads: { client: () => Promise.resolve(workload) }, nodes: watched };
  const status = { initialization: { controlPlaneInitialized: initialized === true } };
  const controlPlaneRef = { kind: 'K0sControlPlane', name: 'c' };
  const cluster = {
    spec: { paused, ...(initialized === 'never' ? {} : { controlPlaneRef }) },
    status,
  } as unknown as Cluster;
  const run = (over: Partial<Parameters<typeof giveProviderId>[0]> = {}) =>
    giveProviderId({ machine, cluster, addresses, log: silentLogger, ...over }, dependencies, never);
  const idOf = async (name: string) => (await workload.get(Node, { name }))?.spec.providerID;
  return { workload, woken, run, idOf };
}

describe('the provider id of a Node', () => {
  it.each([
    ['has the name of the Machine', aNode('m'), []],
    ['has the label of the Machine', aNode('other', { labels: { 'k0smotron.io/machine-name': 'm' } }), []],
    ['answers at the address of the Machine', aNode('other', { addresses: ['10.0.0.1', '192.0.2.7'] }), ['192.0.2.7']],
  ])('is given to the one that %s', async (_, node, addresses) => {
    const world = aWorld({ nodes: [node, aNode('stranger', { addresses: ['192.0.2.8'] })], addresses });
    expect((await world.run()).kind).toBe('done');
    expect(await world.idOf(node.metadata.name)).toBe(providerID);
    expect(await world.idOf('stranger')).toBeUndefined();
  });

  it.each([
    ['its address is not asked for', [aNode('other', { addresses: ['192.0.2.7'] })], []],
    ['only loopback is shared', [aNode('other', { addresses: ['127.0.0.1'] })], ['127.0.0.1']],
    [
      'two Nodes share the address',
      [aNode('a', { addresses: ['192.0.2.7'] }), aNode('b', { addresses: ['192.0.2.7'] })],
      ['192.0.2.7'],
    ],
    [
      'the Node at the address is of another Machine',
      [aNode('a', { addresses: ['192.0.2.7'], labels: { 'k0smotron.io/machine-name': 'n' } })],
      ['192.0.2.7'],
    ],
    ['another Node has it still', [aNode('m'), aNode('old', { providerID })], []],
  ])('is given to nobody while %s', async (_, nodes, addresses) => {
    const world = aWorld({ nodes, addresses });
    expect((await world.run()).kind).toBe('waiting');
    expect(world.workload.calls.filter(({ verb }) => verb === 'patch')).toEqual([]);
  });

  it('is given without a control-plane object, since core then waits for a Node', async () => {
    const world = aWorld({ nodes: [aNode('m')], initialized: 'never' });
    await world.run();
    expect(await world.idOf('m')).toBe(providerID);
  });

  it('is never changed once it is there', async () => {
    const world = aWorld({ nodes: [aNode('m', { providerID: 'other://1' })] });
    expect((await world.run()).kind).toBe('done');
    expect(await world.idOf('m')).toBe('other://1');
  });

  it.each([
    ['the Cluster is paused', { paused: true }],
    ['its control plane has not answered yet', { initialized: false }],
    ['the Machine is paused', { machine: aMachine({ annotations: { 'cluster.x-k8s.io/paused': '' } }) }],
    ['core has found the Node', { machine: aMachine({ status: { nodeRef: { name: 'm' } } }) }],
  ])('asks the cluster nothing when %s', async (_, given) => {
    const world = aWorld({ nodes: [aNode('m')], ...given });
    await world.run();
    expect(world.workload.calls).toEqual([]);
  });

  it.each([
    ['of its name', aNode('m'), []],
    ['at its address', aNode('any', { addresses: ['192.0.2.7'] }), ['192.0.2.7']],
  ])('is waited for: a Node %s wakes the Machine, others do not', async (_, node, addresses) => {
    const world = aWorld({ nodes: [], addresses });
    expect((await world.run()).kind).toBe('waiting');
    await eventually(() => expect(world.workload.calls.some(({ verb }) => verb === 'watch')).toBe(true));
    await world.workload.create(Node, aNode('stranger', { addresses: ['192.0.2.8'] }) as never);
    world.workload.seed(node);
    await eventually(() => expect(world.woken).toEqual(['ns/m']));
  });

  it('wakes by address too when the first to wait had none', async () => {
    const world = aWorld({ nodes: [] });
    await world.run();
    await world.run({
      machine: { ...aMachine(), metadata: { ...aMachine().metadata, name: 'n' } },
      addresses: ['192.0.2.7'],
    });
    world.workload.seed(aNode('any', { addresses: ['192.0.2.7'] }));
    await eventually(() => expect(world.woken).toEqual(['ns/n']));
  });
});
