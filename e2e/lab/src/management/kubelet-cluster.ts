import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { ControlPlane } from '../control-plane.ts';
import { externalControlPlane } from '../external-control-plane.ts';
import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import { k0sBinary } from '../machines/k0s-binary.ts';
import type { Machine } from '../machines/machine.ts';
import { listMachines, startMachines } from '../machines/start-machines.ts';
import { progress } from '../progress.ts';
import { waitUntil } from '../wait-until.ts';
import { certManager } from './cert-manager.ts';
import { writeClusterctlRepository } from './clusterctl-repository.ts';
import { coreProvider } from './core-provider.ts';
import { copyToNode, imageFolder, onNode, startK0s } from './node.ts';
import { nodeImages } from './node-images.ts';
import { archiveOf } from './pod-image.ts';

/** A real cluster of one node whose pods run: k0s as controller and worker on one machine. */
export interface KubeletCluster {
  readonly controlPlane: ControlPlane;
  /** Holds the images that k0s itself, Cluster API core and cert-manager need; `loadImages` adds others. */
  readonly node: Machine;
}

const namePrefix = 'management';

/**
 * Starts k0s with its kubelet on a machine of the lab and waits until pods run and reach Services, about a minute once
 * binaries and images are in the cache. Pods reach the lab's other machines too. CoreDNS becomes Ready later: k0s gives
 * it a probe that looks after half a minute for the first time.
 * @throws LabError when real k0s, or something that machines need, is missing.
 */
export async function startKubeletCluster(lab: Lab): Promise<KubeletCluster> {
  const k0s = await k0sBinary();
  if (k0s.source === 'stand-in') throw new LabError('a cluster with a kubelet needs real k0s: set K0S_DIR');
  const [core, manager] = [await coreProvider(), await certManager()];
  const files: string[] = [];
  for (const image of [...(await nodeImages(k0s.path)), core.image, ...(manager?.images ?? [])])
    files.push(await archiveOf(image));

  const [node] = await startMachines(lab, 1, { namePrefix, parts: true, preInstalledK0s: true });
  if (!node) throw new LabError('no machine was started');
  const began = Date.now();
  await copyToNode(lab, node, { files, folder: imageFolder });
  await startK0s(node);
  const controlPlane = externalControlPlane(await writeKubeconfig(lab, node));
  await waitForPods(controlPlane);
  progress(`pods run on ${node.name}, ${Math.round((Date.now() - began) / 1000)} s after it answered`);
  writeClusterctlRepository(lab, core, manager);
  return { controlPlane, node };
}

/**
 * Puts the images of OCI archives on the node of a lab's cluster.
 * @throws LabError when the lab has no such cluster, or containerd takes one of them not.
 */
export async function loadImages(lab: Lab, archives: readonly string[]): Promise<void> {
  const node = (await listMachines(lab)).find(({ name }) => name.startsWith(`${namePrefix}-`));
  if (!node) throw new LabError(`lab ${lab.name} has no cluster with a kubelet: npm run lab -- up --kubelet`);
  const folder = '/var/lib/k0s/lab-images';
  await copyToNode(lab, node, { files: archives, folder });
  const imported = archives.map((archive) => `k0s ctr --namespace k8s.io images import ${folder}/${basename(archive)}`);
  await onNode(node, [...imported, `rm -r ${folder}`].join(' && '));
}

/** Path of the administrator's kubeconfig, where a lab has a cluster with a kubelet. */
export const kubeletClusterKubeconfig = (lab: Pick<Lab, 'dir'>): string =>
  join(lab.dir, 'kubelet-cluster', 'admin.kubeconfig');

async function writeKubeconfig(lab: Lab, node: Machine): Promise<string> {
  const printed = await waitUntil(() => onNode(node, 'k0s kubeconfig admin'), {
    what: `k0s on ${node.name}`,
    timeoutMs: 120_000,
    intervalMs: 500,
  });
  const path = kubeletClusterKubeconfig(lab);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, printed.replace(/server: .*/, `server: https://${node.address}:6443`), { mode: 0o600 });
  return path;
}

async function waitForPods(controlPlane: ControlPlane): Promise<void> {
  const atWork = async (): Promise<true> => {
    await controlPlane.kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=10s');
    await controlPlane.kubectl('rollout', 'status', '-n', 'kube-system', 'daemonset/kube-proxy', '--timeout=10s');
    return true;
  };
  await waitUntil(atWork, { what: 'a Ready node with kube-proxy', timeoutMs: 240_000, intervalMs: 500 });
}
