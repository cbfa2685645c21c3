import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Lab } from '../lab.ts';
import { k0sBinary } from '../machines/k0s-binary.ts';
import type { Machine } from '../machines/machine.ts';
import { etcdImage, k0sImage, konnectivityAgentImage } from './hosted-images.ts';
import { loadImages, type KubeletCluster } from './kubelet-cluster.ts';
import { copyToNode, imageFolder, onNode } from './node.ts';
import { pauseImage } from './node-images.ts';
import { archiveOf, type PodImage } from './pod-image.ts';
import { postgresArchive } from './postgres-archive.ts';

/** What planes in a lab are made of. */
export interface Hosting {
  /** Full name of the image of etcd that is on the node. */
  readonly etcdImage: string;
  /** Full name of the image of PostgreSQL that is on the node, where databases were asked for. */
  readonly postgresImage?: string;
}

const volumeCount = 24;
const volumeFolder = '/var/lib/lab-volumes';

/**
 * Makes a cluster with a kubelet one that can host control planes: images of k0s, in these versions, and of etcd on its node,
 * and a default StorageClass with some volumes. A volume whose claim went is not used again.
 * @param databases so that the state of planes can be kept elsewhere than in etcd: kine in the images of k0s, and PostgreSQL
 * @throws LabError when a version of k0s is nowhere, or a command fails.
 */
export async function prepareHosting(
  lab: Lab,
  { controlPlane, node }: KubeletCluster,
  versions: readonly string[],
  { databases = false } = {},
): Promise<Hosting> {
  const etcd = await etcdImage();
  const images = [etcd];
  for (const version of versions) images.push(await k0sImage(version, { kine: databases }));
  const postgres = databases ? await postgresArchive() : undefined;
  await loadImages(lab, [...(await archivesOf(images)), ...(postgres ? [postgres.archive] : [])]);
  const names = Array.from({ length: volumeCount }, (_, at) => `lab-${at}`);
  await onNode(node, `mkdir -p ${names.map((name) => `${volumeFolder}/${name}`).join(' ')}`);
  const file = join(lab.dir, 'volumes.json');
  const items = [storageClass, ...names.map((name) => localVolume(name, node.name))];
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await controlPlane.kubectl('apply', '-f', file);
  return { etcdImage: etcd.name, ...(postgres && { postgresImage: postgres.name }) };
}

/**
 * Puts images on a machine that becomes a worker, before k0s starts there: what holds pods, the agent of konnectivity, and etcd,
 * which can play somebody's workload.
 * @throws LabError when something of it is nowhere.
 */
export async function prepareWorker(lab: Lab, machine: Machine): Promise<void> {
  const { path } = await k0sBinary();
  const images = [await pauseImage(path), await konnectivityAgentImage(path), await etcdImage()];
  await copyToNode(lab, machine, { files: await archivesOf(images), folder: imageFolder });
}

/** One after another, since buildah is lent to one at a time. */
async function archivesOf(images: readonly PodImage[]): Promise<string[]> {
  const archives: string[] = [];
  for (const image of images) archives.push(await archiveOf(image));
  return archives;
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'lab', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
};

/** Of type local, so that kubelet gives it to the group that a pod asks for; a host path would stay root's. */
const localVolume = (name: string, node: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    storageClassName: storageClass.metadata.name,
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    local: { path: `${volumeFolder}/${name}` },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    },
  },
});
