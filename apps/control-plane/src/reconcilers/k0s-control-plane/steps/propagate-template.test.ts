import { describe, expect, it } from '@jest/globals';
import { K0sControllerConfig, Machine, RemoteMachine } from '@k0smotron/api';
import { controllerRef, type Kind, type KubeObject } from '@k0smotron/core';
import { InvalidError } from '@k0smotron/kube';
import { aPlane, noSignal, type Plane } from '../../../../testing/a-plane.ts';
import { propagateTemplate } from './propagate-template.ts';

const kinds: readonly Kind<KubeObject>[] = [Machine, K0sControllerConfig, RemoteMachine];
const infrastructureRef = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };
const withTemplate = (metadata: object, spec: object = {}) => ({
  spec: { machineTemplate: { metadata, spec: { infrastructureRef, ...spec } } },
});
const stored = ({ management }: Plane): Promise<(KubeObject | undefined)[]> =>
  Promise.all(kinds.map((kind) => management.get(kind, { namespace: 'ns', name: 'c-0' })));

/** Infrastructure of a provider that we do not know. */
const FarmMachine: Kind<KubeObject> = {
  group: 'farm.example',
  version: 'v1',
  kind: 'FarmMachine',
  plural: 'farmmachines',
  namespaced: true,
};
const farmReference = { apiGroup: 'farm.example', kind: 'FarmMachine', name: 'f-0' };
const farmMachine = {
  apiVersion: 'farm.example/v1',
  kind: 'FarmMachine',
  metadata: { namespace: 'ns', name: 'f-0', uid: 'farm' },
  spec: {},
};
const farmMachineCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'farmmachines.farm.example', labels: { 'cluster.x-k8s.io/v1beta2': 'v1' } },
};

describe('the template of a control plane', () => {
  it('reaches Machine, config and infrastructure (CP-24)', async () => {
    const plane = aPlane(withTemplate({ labels: { team: 'a' }, annotations: { note: 'b' } }));
    await propagateTemplate.run(plane.scope, noSignal);
    for (const object of await stored(plane)) {
      expect(object?.metadata).toMatchObject({
        labels: { team: 'a', 'cluster.x-k8s.io/control-plane-name': 'c' },
        annotations: { note: 'b' },
      });
    }
  });

  it('has no say in what we keep in annotations, nor in the labels by which objects are found', async () => {
    const plane = aPlane({
      ...withTemplate({
        labels: { 'cluster.x-k8s.io/cluster-name': 'other' },
        annotations: { 'controlplane.k0smotron.io/join-from': 'nowhere' },
      }),
      controllers: [{ configAnnotations: { 'controlplane.k0smotron.io/join-from': 'none' } }],
    });
    await propagateTemplate.run(plane.scope, noSignal);
    const [, config] = await stored(plane);
    expect(config?.metadata).toMatchObject({
      labels: { 'cluster.x-k8s.io/cluster-name': 'c' },
      annotations: { 'controlplane.k0smotron.io/join-from': 'none' },
    });
  });

  it('gives a Machine that goes its limits and no annotations: hooks are annotations', async () => {
    const plane = aPlane({
      ...withTemplate({ annotations: { hook: '' } }, { deletion: { nodeDrainTimeoutSeconds: 5 } }),
      controllers: [{ deleting: true }],
    });
    await propagateTemplate.run(plane.scope, noSignal);
    const [machine, config] = await stored(plane);
    expect(machine).toMatchObject({ spec: { deletion: { nodeDrainTimeoutSeconds: 5 } } });
    expect(machine?.metadata.annotations).not.toHaveProperty('hook');
    expect(config?.metadata.annotations).not.toHaveProperty('hook');
  });

  describe('with taints', () => {
    const taints = [{ key: 'dedicated', effect: 'NoSchedule', propagation: 'Always' }];
    const withTaints = withTemplate({ labels: { team: 'a' } }, { taints });
    const patches = ({ management }: Plane) => management.calls.filter(({ verb }) => verb === 'patch').length;

    /** Runs until nothing more is written; each run sees what the one before has stored. */
    async function settle(plane: Plane): Promise<Machine> {
      for (;;) {
        const [machine] = (await stored(plane)) as Machine[];
        if (!machine) throw new Error('the Machine is gone');
        const before = patches(plane);
        const controllers = [{ name: 'c-0', machine }];
        await propagateTemplate.run({ ...plane.scope, controllers }, noSignal);
        if (patches(plane) === before) return machine;
      }
    }

    it('brings them, and takes them away again', async () => {
      const plane = aPlane(withTaints);
      expect((await settle(plane)).spec.taints).toEqual(taints);
      const { spec } = plane.scope.plane;
      const without = { ...spec, machineTemplate: { spec: { infrastructureRef } } } as never;
      const after = await settle({
        ...plane,
        scope: { ...plane.scope, plane: { ...plane.scope.plane, spec: without } },
      });
      expect(after.spec.taints).toBeUndefined();
      expect(after.metadata.labels).not.toHaveProperty('team');
    });

    it('brings everything else where core refuses them, says so and asks once', async () => {
      const plane = aPlane(withTaints);
      await propagateTemplate.run(plane.scope, noSignal);
      plane.management.failNext('patch', new InvalidError(422, 'Invalid', 'spec.taints: Forbidden'), 'Machine');
      const machine = await settle(plane);
      expect(machine.metadata.labels).toMatchObject({ team: 'a' });
      expect(machine.spec.taints).toBeUndefined();
      expect(plane.run.events.map(({ reason }) => reason)).toEqual(['PropagationRefused']);
    });
  });

  it('has a Machine without owner taken back, once', async () => {
    const plane = aPlane();
    await propagateTemplate.run(plane.scope, noSignal);
    const [machine] = await stored(plane);
    expect(machine?.metadata.ownerReferences).toEqual([
      expect.objectContaining({
        kind: 'K0sControlPlane',
        name: 'c',
        uid: plane.run.object.metadata.uid,
        controller: true,
      }),
    ]);
    const controllers = plane.scope.controllers.map((one) => ({ ...one, machine: machine as Machine }));
    const before = plane.management.calls.filter(({ what }) => what === 'Machine').length;
    await propagateTemplate.run({ ...plane.scope, controllers }, noSignal);
    expect(plane.management.calls.filter(({ what }) => what === 'Machine')).toHaveLength(before);
  });

  it('reaches infrastructure of others too, which is read once and not again', async () => {
    const plane = aPlane({ ...withTemplate({ labels: { team: 'a' } }), stored: [farmMachine, farmMachineCrd] });
    const controllers = plane.scope.controllers.map(({ remote: _, ...one }) => ({
      ...one,
      machine: {
        ...one.machine,
        metadata: { ...one.machine.metadata, ownerReferences: [controllerRef(plane.scope.plane)] },
        spec: { ...one.machine.spec, infrastructureRef: farmReference },
      },
    }));
    const reads = () =>
      plane.management.calls.filter(({ verb, what }) => verb === 'get' && what === 'FarmMachine').length;
    await propagateTemplate.run({ ...plane.scope, controllers }, noSignal);
    const found = await plane.management.get(FarmMachine, { namespace: 'ns', name: 'f-0' });
    expect(found?.metadata.labels).toMatchObject({ team: 'a' });
    const before = reads();
    await propagateTemplate.run({ ...plane.scope, controllers }, noSignal);
    expect(reads()).toBe(before);
  });

  it('leaves a Machine alone that another controls', async () => {
    const plane = aPlane();
    const owner = { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'o', controller: true };
    const controllers = plane.scope.controllers.map((one) => ({
      ...one,
      machine: { ...one.machine, metadata: { ...one.machine.metadata, ownerReferences: [owner] } },
    }));
    const before = plane.management.calls.length;
    await propagateTemplate.run({ ...plane.scope, controllers }, noSignal);
    expect(plane.management.calls).toHaveLength(before);
  });
});
