import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImages, release } from '@k0smotron/ci';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import {
  clusterctlConfig,
  loadImages,
  openLab,
  startKubeletCluster,
  type ControlPlane,
  type Lab,
  type Machine,
} from '@k0smotron/lab';
import { runClusterctl } from './run-clusterctl.ts';

/** A management cluster whose pods run, filled by clusterctl from our releases. */
export interface Installation {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  /** As administrator. */
  readonly kube: KubeClient;
  /** Where its pods run. */
  readonly node: Machine;
  /** Runs real clusterctl on the releases that were published, and gives its standard output. */
  clusterctl(...args: readonly string[]): Promise<string>;
  /** Makes a release, as `npm run release` does, beside those that are there. */
  publish(version: string): Promise<void>;
  close(): Promise<void>;
}

/** Where the images of our releases are said to be; nothing answers there, so a pod that asks for another one stays away. */
export const registry = 'registry.test/k0smotron';

/**
 * Starts an empty cluster with a kubelet, whose node has the images of the four services for `version`. Nothing is
 * installed and no release is published yet.
 */
export async function startInstallation(version: string): Promise<Installation> {
  const lab = await openLab();
  try {
    const [{ controlPlane, node }, images] = await Promise.all([
      startKubeletCluster(lab),
      buildImages({ to: join(lab.dir, 'images'), images: registry, tag: version, base: 'local' }),
    ]);
    await loadImages(
      lab,
      images.map(({ archive }) => archive),
    );
    const kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath, env: {} }), {
      userAgent: 'e2e',
    });
    const repository = join(lab.dir, 'releases');
    const config = join(lab.dir, 'clusterctl.yaml');
    return {
      lab,
      controlPlane,
      kube,
      node,
      // Core as those have it who use classes.
      clusterctl: (...args) =>
        runClusterctl({ lab, controlPlane }, args, { config, env: { CLUSTER_TOPOLOGY: 'true' } }),
      async publish(published) {
        await release([published, '--to', repository, '--images', registry]);
        await writeFile(config, clusterctlConfig(lab, join(repository, 'clusterctl.yaml')));
      },
      async close() {
        await kube.close();
        await lab.close();
      },
    };
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}
