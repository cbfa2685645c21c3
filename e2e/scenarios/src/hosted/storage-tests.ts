import { describe, expect, it } from '@jest/globals';
import { ConfigMap, K0smotronCluster } from '@k0smotron/api';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from '../cluster/apply.ts';
import { waitForCondition, workloadClient } from '../cluster/lab-cluster.ts';
import type { Installation } from '../clusterctl/installation.ts';
import type { HostedValues } from './manifests.ts';
import { leftovers, podsOfPlane } from './plane.ts';
import { planeOn, postgresManifests, storages } from './storage-manifests.ts';

const minutes = 60_000;
const namespace = 'default';

/** What planes without etcd are tried with. */
export interface StorageGround {
  readonly installed: Installation;
  readonly values: HostedValues;
  readonly postgresImage: string;
}

/** Planes that keep their state elsewhere than in etcd: each works, and knows what it knew after a pod of it was killed. */
export const describeStorage = (ground: () => StorageGround): void =>
  describe('that keeps its state elsewhere', () => {
    it(
      'finds PostgreSQL in its own namespace',
      async () => {
        const { installed, postgresImage } = ground();
        await applyManifests(installed, postgresManifests(postgresImage));
        await installed.controlPlane.kubectl('wait', 'pod/kine', '--for=condition=Ready', '--timeout=120s');
      },
      3 * minutes,
    );

    it.each(storages)(
      'in $what',
      async (storage) => {
        const { installed, values } = ground();
        const key = { namespace, name: storage.name };
        const startedAt = performance.now();
        const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
        await applyManifests(installed, [planeOn(storage, values)]);
        for (const type of ['APIServerReady', 'Available'])
          await waitForCondition(installed.kube, K0smotronCluster, key, {
            ...{ type, status: 'True', timeoutMs: 4 * minutes },
          });
        console.log(`${storage.what}: Available after ${seconds()} s`);

        const written = { namespace, name: 'written' };
        const before = await workloadClient(installed, storage.name);
        await before.create(ConfigMap, { metadata: written, data: { by: storage.name } });
        await before.close();
        await installed.controlPlane.kubectl(
          'delete',
          '--now',
          `pod/${(await podsOfPlane(installed, storage.name))[0]}`,
        );
        const killedAt = performance.now();
        // A client of its own for each look, since connections of the old one may lead to the pod that is gone.
        await eventually(
          async () => {
            const after = await workloadClient(installed, storage.name);
            try {
              expect((await after.get(ConfigMap, written, AbortSignal.timeout(5000)))?.data).toEqual({
                by: storage.name,
              });
            } finally {
              await after.close();
            }
          },
          { timeoutMs: 4 * minutes, everyMs: 500, what: 'what was written' },
        );
        console.log(`${storage.what}: read after ${((performance.now() - killedAt) / 1000).toFixed(1)} s`);

        await installed.kube.remove(K0smotronCluster, key);
        await eventually(async () => expect(await leftovers(installed)).toEqual([]), {
          ...{ timeoutMs: 4 * minutes, everyMs: 500, what: 'nothing of the plane to be left' },
        });
      },
      12 * minutes,
    );
  });
