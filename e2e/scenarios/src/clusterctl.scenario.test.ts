import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster, K0sControlPlane, Namespace, RemoteMachine } from '@k0smotron/api';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { clusterKey, prepareGround, waitForCondition, workloadClient, type Ground } from './cluster/lab-cluster.ts';
import { controlPlaneManifests, pooledMachines } from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { registry, startInstallation, type Installation } from './clusterctl/installation.ts';
import { applyInTurn, prepareOverlays } from './clusterctl/overlays.ts';
import { notReady, podsOf, type Pod } from './clusterctl/pods.ts';
import { settled } from './clusterctl/settled.ts';
import { services } from './system/services.ts';

const minutes = 60_000;
const name = 'k0sproject-k0smotron';
const [first, next] = ['v2.2.0', 'v2.2.1'] as const;

describeOnK0s('clusterctl, on a cluster whose pods run', () => {
  let installed: Installation;
  let ground: Ground | undefined;

  const allReady = (): Promise<void> =>
    eventually(
      async () => {
        const pods = await podsOf(installed.controlPlane);
        for (const { name: service } of services)
          expect(pods.map(({ metadata }) => metadata.namespace)).toContain(`k0smotron-${service}-system`);
        expect(notReady(pods)).toEqual([]);
      },
      { timeoutMs: 2 * minutes, everyMs: 500, what: 'all pods to be Ready' },
    );
  const ourPods = async (): Promise<Pod[]> =>
    (await podsOf(installed.controlPlane)).filter(({ metadata }) => metadata.namespace.startsWith('k0smotron-'));
  const ourImages = async (): Promise<string[]> =>
    (await ourPods()).flatMap(({ spec }) => spec.containers.map(({ image }) => image)).sort();
  const imagesOf = (version: string): string[] =>
    services.map(({ name: service }) => `${registry}/k0smotron-ts-${service}:${version}`).sort();

  /** Which start of k0s runs on the controller. */
  const runOfK0s = async (): Promise<string | undefined> =>
    (await ground?.machines[0]?.exec('systemctl show k0scontroller --property=InvocationID'))?.stdout;

  beforeAll(async () => {
    installed = await startInstallation(first);
    await installed.publish(first);
  }, 10 * minutes);
  afterAll(async () => {
    await ground?.close();
    await installed?.close();
  }, 2 * minutes);

  it(
    'goes from nothing to a manager of clusters by the command of the article',
    async () => {
      const startedAt = performance.now();
      await installed.clusterctl(
        ...['init', '--bootstrap', name, '--control-plane', name, '--infrastructure', name, '--addon', name],
      );
      await allReady();
      console.log(`clusterctl init → all pods Ready ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      expect(await ourImages()).toEqual(imagesOf(first));
    },
    5 * minutes,
  );

  it(
    'makes a cluster of one controller through the services in their pods',
    async () => {
      ground = await prepareGround(installed, 1);
      const [controller] = ground.machines;
      if (!controller) throw new Error('a machine is needed');
      ground.loadBalancer.setBackends([controller.address]);
      await applyManifests(installed, [
        ...pooledMachines('default', [controller]),
        ...(await controlPlaneManifests(ground.values)),
      ]);
      await waitForCondition(installed.kube, K0sControlPlane, clusterKey, {
        type: 'Available',
        status: 'True',
        timeoutMs: 3 * minutes,
      });
      const workload = await workloadClient(installed);
      expect(await workload.get(Namespace, { name: 'kube-system' })).toBeDefined();
      await workload.close();
    },
    5 * minutes,
  );

  it('cannot be moved: a controller without kubelet has no Node, and clusterctl says so', async () => {
    const move = installed.clusterctl('move', '--namespace', 'default', '--to-directory', installed.lab.dir);
    await expect(move).rejects.toThrow(
      /cannot start the move operation while .* default\/remote-test-\w+ is still provisioning the node/,
    );
  }, 60_000);

  it(
    'upgrades our services from one release to the next and leaves every machine as it is',
    async () => {
      const before = await settled(installed);
      const runBefore = await runOfK0s();
      expect(runBefore).toMatch(/=[0-9a-f]{32}\n$/);
      const images = imagesOf(first).map((image) => [image, image.replace(first, next)] as const);
      for (const [from, to] of images)
        expect(await installed.node.exec(`k0s ctr --namespace k8s.io images tag ${from} ${to}`)).toMatchObject({
          code: 0,
        });
      await installed.publish(next);

      await installed.clusterctl('upgrade', 'apply', '--contract', 'v1beta2');
      await allReady();
      expect(await ourImages()).toEqual(imagesOf(next));
      expect(await settled(installed)).toEqual(before);
      expect(await runOfK0s()).toBe(runBefore);
    },
    5 * minutes,
  );

  it(
    'takes the cluster away with the services of the next release',
    async () => {
      await installed.kube.remove(Cluster, clusterKey);
      await eventually(
        async () => expect(await installed.kube.list(RemoteMachine, { namespace: 'default' })).toEqual([]),
        { timeoutMs: 2 * minutes, everyMs: 250, what: 'no RemoteMachine' },
      );
      const [controller] = ground?.machines ?? [];
      expect((await controller?.exec('pgrep k0s; ls /var/lib/k0s'))?.stdout).toBe('');
    },
    3 * minutes,
  );

  it(
    'becomes each overlay in turn by kubectl apply -k, with all pods Ready',
    async () => {
      await prepareOverlays(installed, imagesOf(next));
      for (const { name: overlay, pods } of [
        { name: 'dev', pods: 5 },
        { name: 'staging', pods: 9 },
        { name: 'production', pods: 11 },
      ] as const) {
        const startedAt = performance.now();
        await applyInTurn(installed, overlay);
        await eventually(
          async () => {
            const present = await ourPods();
            expect([present.length, notReady(present)]).toEqual([pods, []]);
          },
          { timeoutMs: 4 * minutes, everyMs: 1000, what: `${pods} Ready pods of ${overlay}` },
        );
        console.log(`overlay ${overlay} → Ready ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      }
    },
    15 * minutes,
  );
});
