import { dirname } from 'node:path';

import { binary } from '../binaries/binary.ts';
import { setOf } from '../binaries/sets.ts';
import { clusterApiComponents } from '../cluster-api-manifests.ts';
import type { PodImage } from './pod-image.ts';

/** Cluster API core as a provider that clusterctl installs. */
export interface CoreProvider {
  /** With a leading `v`. */
  readonly version: string;
  /** Its manifests, as a release of it has them. */
  readonly components: string;
  readonly image: PodImage;
}

/** Cluster API core of the version that the lab runs, its manifests pointed at an image that is on the node. */
export async function coreProvider(): Promise<CoreProvider> {
  const program = await binary('cluster-api');
  const version = `v${setOf('cluster-api').version}`;
  const name = `registry.k8s.io/cluster-api/cluster-api-controller:${version}`;
  const components = (await clusterApiComponents(dirname(program)))
    .replace(/image: \S+\/cluster-api-controller:\S+/, `image: ${name}`)
    .replace('imagePullPolicy: Always', 'imagePullPolicy: IfNotPresent');
  return { version, components, image: { name, files: new Map([['/manager', program]]), user: '65532' } };
}
