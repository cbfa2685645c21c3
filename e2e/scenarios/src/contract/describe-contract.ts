import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Cluster,
  finalizers,
  K0sControllerConfig,
  K0sControlPlane,
  KubeEvent,
  Machine as CapiMachine,
  RemoteCluster,
  RemoteMachine,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from '../cluster/apply.ts';
import { conditionOf } from '../cluster/lab-cluster.ts';
import { ensureBundles } from '../demo/ensure-bundles.ts';
import { inDefault } from '../remote-machine/observe.ts';
import { startSystem, type System } from '../system/start-system.ts';
import { clusterObjects, nameOf, textOfEach, type ClusterObject } from './cluster-objects.ts';
import { contractCluster } from './contract-cluster.ts';
import { ownersOf, wantedOwners } from './owners.ts';
import { writesWithin } from './watch-quiet.ts';

const name = 'contract';
const namespace = 'default';
/** Core looks at its objects on their events; what it has missed, at its resync. */
const patience = { timeoutMs: 120_000, everyMs: 250 };

/**
 * What Cluster API's end-to-end framework asserts of a provider, with the core that this process runs (capi-contract §13).
 * `taints`: that core propagates them, which needs a feature gate.
 */
export function describeContract(
  core: string,
  { quietMs, taints = false }: { readonly quietMs: number; readonly taints?: boolean },
): void {
  describe(`the contract of Cluster API, with core ${core}`, () => {
    let system: System;

    const objects = (): Promise<readonly ClusterObject[]> => clusterObjects(system.kube, namespace);
    const merge = (kind: Kind, key: string, body: object): Promise<KubeObject> =>
      system.kube.patch(kind, inDefault(key), { type: 'merge', body });
    const pause = (paused: boolean) => merge(Cluster, name, { spec: { paused } });
    const controllers = (): Promise<readonly CapiMachine[]> =>
      system.kube.list(CapiMachine, { namespace, labelSelector: 'cluster.x-k8s.io/control-plane' });

    /** Lets somebody change every object while nobody acts. */
    const whilePaused = async (metadata: (one: ClusterObject) => object | undefined): Promise<void> => {
      await pause(true);
      await eventually(
        async () =>
          expect((await objects()).filter(({ object }) => conditionOf(object, 'Paused')?.status === 'False')).toEqual(
            [],
          ),
        { ...patience, what: 'all that have the condition Paused to show it' },
      );
      for (const one of await objects()) {
        const change = metadata(one);
        if (change) await merge(one.kind, one.object.metadata.name, { metadata: change });
      }
      await pause(false);
    };

    /** Waits until each object has the owners that it must have. */
    const expectOwners = (): Promise<void> =>
      eventually(
        async () => {
          const all = await objects();
          expect(textOfEach(all, ownersOf)).toEqual(textOfEach(all, wantedOwners));
        },
        { ...patience, what: 'the chain of owners' },
      );

    beforeAll(async () => {
      await ensureBundles();
      system = await startSystem({ featureGates: { MachineTaintPropagation: taints } });
      await applyManifests(system, contractCluster(name));
      await eventually(
        async () => {
          const remotes = await system.kube.list(RemoteMachine, { namespace });
          expect(remotes.map((remote) => conditionOf(remote, 'HostReserved')?.reason)).toEqual([
            'PoolExhausted',
            'PoolExhausted',
          ]);
          const secrets = (await objects()).filter(({ kind }) => kind === Secret);
          expect(secrets).toHaveLength(6); // four pairs, the kubeconfig, the controller's data
        },
        { ...patience, what: 'a cluster that waits for hosts' },
      );
    }, 240_000);
    afterAll(() => system?.close(), 60_000);

    it('gives every object the owners and the cluster label that Cluster API asks for (OR-3)', async () => {
      await expectOwners();
      const all = (await objects()).filter(({ kind }) => kind.kind !== 'Cluster');
      const templates = /Template$/; // of the user's: core does not label them
      const labelled = all.filter(({ kind }) => !templates.test(kind.kind));
      expect(textOfEach(labelled, ({ object }) => object.metadata.labels?.['cluster.x-k8s.io/cluster-name'])).toEqual(
        textOfEach(labelled, () => name),
      );
      const [machine] = await controllers();
      expect(machine?.metadata.labels).toMatchObject({
        'cluster.x-k8s.io/control-plane': '',
        'cluster.x-k8s.io/control-plane-name': name,
      });
    }, 180_000);

    it('gives back owners that somebody removed (OR-2)', async () => {
      await whilePaused(({ object }) => (object.metadata.ownerReferences ? { ownerReferences: null } : undefined));
      await expectOwners();
    }, 180_000);

    it('brings owners of an older API version up to date (OR-1)', async () => {
      await whilePaused(({ object: { metadata } }) => {
        const older = metadata.ownerReferences?.map((owner) => ({
          ...owner,
          apiVersion: owner.apiVersion.replace(/\/.*/, '/v1alpha1'),
        }));
        return older && { ownerReferences: older };
      });
      await expectOwners();
    }, 180_000);

    it('gives back finalizers that somebody removed (OR-2)', async () => {
      const before = textOfEach(await objects(), ({ object }) => [...(object.metadata.finalizers ?? [])].sort());
      expect(before).toMatchObject({ [`K0sControlPlane/${name}`]: [finalizers.k0sControlPlane] });
      await whilePaused(({ object }) => (object.metadata.finalizers ? { finalizers: null } : undefined));
      await eventually(
        async () =>
          expect(textOfEach(await objects(), ({ object }) => [...(object.metadata.finalizers ?? [])].sort())).toEqual(
            before,
          ),
        { ...patience, what: 'all finalizers' },
      );
    }, 180_000);

    it('gives back the labels by which a controller is found', async () => {
      const [machine] = await controllers();
      const key = machine?.metadata.name ?? '';
      const label = 'cluster.x-k8s.io/control-plane-name';
      for (const kind of [CapiMachine, K0sControllerConfig, RemoteMachine])
        await merge(kind, key, { metadata: { labels: { [label]: null } } });
      await eventually(async () => {
        for (const kind of [CapiMachine, K0sControllerConfig, RemoteMachine] as Kind<KubeObject>[])
          expect((await system.kube.get(kind, inDefault(key)))?.metadata.labels).toMatchObject({ [label]: name });
      }, patience);
    }, 180_000);

    it('brings labels, annotations and limits of the template to what is there, and takes them away again, without a rollout (CP-24)', async () => {
      const [before] = await controllers();
      const key = before?.metadata.name ?? '';
      const template = (metadata: object | null, spec: object) =>
        merge(K0sControlPlane, name, { spec: { machineTemplate: { metadata, spec } } });
      const seen = async () => {
        const kinds = [CapiMachine, K0sControllerConfig, RemoteMachine] as Kind<KubeObject>[];
        const found = await Promise.all(kinds.map((kind) => system.kube.get(kind, inDefault(key))));
        return found.map((object) => [object?.metadata.labels?.['team'], object?.metadata.annotations?.['note']]);
      };
      const deletion = async () => (await system.kube.get(CapiMachine, inDefault(key)))?.spec.deletion;

      await template(
        { labels: { team: 'a' }, annotations: { note: 'b' } },
        { deletion: { nodeDrainTimeoutSeconds: 77 } },
      );
      await eventually(async () => {
        expect(await seen()).toEqual([1, 2, 3].map(() => ['a', 'b']));
        expect(await deletion()).toMatchObject({ nodeDrainTimeoutSeconds: 77 });
      }, patience);

      // As after `clusterctl move`: whoever wrote the objects anew owns all that is in them.
      for (const kind of [CapiMachine, K0sControllerConfig, RemoteMachine])
        await merge(kind, key, { metadata: { managedFields: [{}] } });
      await template({ labels: { team: 'c' }, annotations: null }, { deletion: null });
      await eventually(async () => {
        expect(await seen()).toEqual([1, 2, 3].map(() => ['c', undefined]));
        expect((await deletion())?.nodeDrainTimeoutSeconds).toBeUndefined();
      }, patience);

      await template(null, {});
      await eventually(async () => expect(await seen()).toEqual([1, 2, 3].map(() => [undefined, undefined])), patience);
      const after = await controllers();
      expect(after.map(({ metadata }) => metadata.uid)).toEqual([before?.metadata.uid]);
      expect(conditionOf(after[0], 'UpToDate')?.status).toBe('True');
    }, 180_000);

    it(`${taints ? 'brings taints to Machines' : 'is told by an Event that core refuses taints, and brings the rest'} (CP-24)`, async () => {
      const wanted = [{ key: 'dedicated', value: 'a', effect: 'NoSchedule', propagation: 'Always' }];
      const [before] = await controllers();
      const key = before?.metadata.name ?? '';
      const template = (metadata: object | null, spec: object) =>
        merge(K0sControlPlane, name, { spec: { machineTemplate: { metadata, spec } } });
      const machine = () => system.kube.get(CapiMachine, inDefault(key));
      await template({ labels: { team: 'taints' } }, { taints: wanted });
      await eventually(async () => {
        const found = await machine();
        expect(found?.metadata.labels).toMatchObject({ team: 'taints' });
        expect(found?.spec.taints).toEqual(taints ? wanted : undefined);
        const events = await system.kube.list(KubeEvent, { namespace });
        expect(events.some(({ reason }) => reason === 'PropagationRefused')).toBe(!taints);
      }, patience);
      await template(null, { taints: null });
      await eventually(async () => {
        expect((await machine())?.metadata.labels).not.toHaveProperty('team');
        expect((await machine())?.spec.taints).toBeUndefined();
      }, patience);
      expect((await machine())?.metadata.uid).toBe(before?.metadata.uid);
    }, 180_000);

    it('leaves an infrastructure cluster alone that somebody else manages, and core takes what that one says (P-05)', async () => {
      const other = 'managed-elsewhere';
      const managed = { 'cluster.x-k8s.io/managed-by': 'terraform' };
      const manifests = contractCluster(other)
        .filter(({ kind }) => kind === 'Cluster' || kind === 'RemoteCluster')
        .map((manifest) =>
          manifest.kind === 'RemoteCluster'
            ? { ...manifest, metadata: { ...manifest.metadata, annotations: managed } }
            : { ...manifest, spec: { infrastructureRef: manifest.spec?.['infrastructureRef'] } },
        );
      await applyManifests(system, manifests);
      const found = () => system.kube.get(RemoteCluster, inDefault(other));
      await eventually(async () => expect((await found())?.metadata.ownerReferences).toHaveLength(1), patience);
      const status = { initialization: { provisioned: true } };
      await merge(RemoteCluster, other, { spec: { controlPlaneEndpoint: { host: '192.0.2.9', port: 6443 } } });
      await system.kube.patch(
        RemoteCluster,
        inDefault(other),
        { type: 'merge', body: { status } },
        { subresource: 'status' },
      );
      await eventually(async () => {
        const cluster = await system.kube.get(Cluster, inDefault(other));
        expect(cluster?.spec.controlPlaneEndpoint).toMatchObject({ host: '192.0.2.9' });
        expect(cluster?.status?.initialization?.infrastructureProvisioned).toBe(true);
      }, patience);
      expect((await found())?.status).toEqual(status);
      await system.kube.remove(Cluster, inDefault(other));
      await eventually(async () => expect(await found()).toBeUndefined(), patience);
    }, 180_000);

    it(
      'rests: nobody writes any object of the cluster while nothing happens (C-03)',
      async () => {
        const versions = async () => textOfEach(await objects(), ({ object }) => object.metadata.resourceVersion);
        await eventually(
          async () => {
            const before = await versions();
            expect(await writesWithin(system.kube, namespace, 5000)).toEqual([]);
            expect(await versions()).toEqual(before);
          },
          { ...patience, what: 'a moment without writes' },
        );
        expect(await writesWithin(system.kube, namespace, quietMs)).toEqual([]);
        expect((await objects()).map(nameOf).length).toBeGreaterThan(12);
      },
      180_000 + quietMs,
    );
  });
}
