import { dirname } from 'node:path';

import { allBinaries, binary } from './binaries/binary.ts';
import { removeBuildCache } from './binaries/build.ts';
import { startClusterApi } from './cluster-api.ts';
import { clusterApiManifests } from './cluster-api-manifests.ts';
import { startControlPlane } from './control-plane.ts';
import type { Lab } from './lab.ts';
import { attachLab, listLabs, openLab } from './open-lab.ts';
import { LabError } from './lab-error.ts';
import { chooseKind } from './machines/choose-driver.ts';
import { ensureHostTools } from './machines/host-tools.ts';
import { machineImage } from './machines/image.ts';
import { k0sBinary } from './machines/k0s-binary.ts';
import { startKubeletCluster } from './management/kubelet-cluster.ts';
import { startNats } from './nats.ts';
import { progress } from './progress.ts';
import { summaryOfChanges } from './status.ts';

/**
 * Starts a lab that stays until it is taken down: an API server, controller manager, NATS and Cluster API core, or with
 * `kubelet` an empty cluster whose pods run, for clusterctl to fill.
 */
export async function up(name: string, { kubelet = false }: { readonly kubelet?: boolean } = {}): Promise<Lab> {
  const lab = await openLab({ name, owner: 'nobody' });
  const abandon = (): void => {
    progress('interrupted: taking the lab down');
    void lab.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', abandon);
  process.once('SIGTERM', abandon);
  try {
    if (kubelet) await startKubeletCluster(lab);
    else await startWithoutNodes(lab);
  } catch (error) {
    await lab.close();
    throw error;
  }
  process.off('SIGINT', abandon);
  process.off('SIGTERM', abandon);
  progress(`changed on this host: ${summaryOfChanges(lab)} and ${lab.dir}; "down" takes all of it back`);
  return lab;
}

async function startWithoutNodes(lab: Lab): Promise<void> {
  const controlPlane = await startControlPlane(lab, { controllerManager: true });
  progress(`control plane at ${controlPlane.url}`);
  const nats = await startNats(lab);
  progress(`NATS at ${nats.url}`);
  await startClusterApi(lab, controlPlane);
  progress('Cluster API core is ready');
}

/** The lab of this name, or a new empty one of nobody. */
export function attachOrOpen(name: string): Lab | Promise<Lab> {
  return listLabs().some((one) => one.name === name) ? attachLab(name) : openLab({ name, owner: 'nobody' });
}

/** Brings everything that takes long into the cache: binaries, manifests and, where machines are possible, their image. */
export async function prepareAll(sets: readonly string[]): Promise<void> {
  await allBinaries(sets);
  if (sets.length > 0) return;
  await clusterApiManifests(dirname(await binary('cluster-api')));
  await removeBuildCache(); // the manifests may have brought a module back
  try {
    const kind = await chooseKind();
    await k0sBinary(); // downloads it where it can be had, so that test files know of it when they are read
    if (kind === 'containers') return; // their image is the daemon's, and a lab's label is on its making
    await ensureHostTools();
    await machineImage();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    progress(`no machines here: ${error.message}`);
  }
}
