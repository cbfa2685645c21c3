import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { binary } from '../binaries/binary.ts';
import { setOf } from '../binaries/sets.ts';
import { LabError } from '../lab-error.ts';
import { machineImage } from '../machines/image.ts';
import { k0sBinary, unpackedXz } from '../machines/k0s-binary.ts';
import { k0sParts } from '../machines/k0s-parts.ts';
import { imageNames } from './node-images.ts';
import type { PodImage } from './pod-image.ts';

/** Parts that a controller without workloads looks for; k0s asks for etcd also where it does not run it. */
const controllerParts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'konnectivity-server', 'etcd'];

/** The users that k0s looks for to run its parts as, which the image of its makers has too. */
const users = fileURLToPath(new URL('../../pod-images/k0s/passwd', import.meta.url));

/**
 * k0s of a version under the name of its makers' image, with its parts beside it and without a shell: a pod that needs one
 * does not start in the lab.
 * @param kine with the program that keeps the state of a cluster elsewhere than in etcd
 * @throws LabError when that version, or one of the parts, is nowhere.
 */
export async function k0sImage(version: string, { kine = false } = {}): Promise<PodImage> {
  const [k0s, parts, root] = [await k0sBinary(version), await k0sParts(), await machineImage()];
  return {
    name: `quay.io/k0sproject/k0s:${version.replace('+', '-')}`,
    files: new Map([
      ['/usr/local/bin/k0s', k0s.path],
      ...controllerParts.map((part): [string, string] => [
        `/usr/local/bin/${part}`,
        join(parts, 'usr/local/bin', part),
      ]),
      // Every controller looks for these two; without workloads it never runs them.
      ...['legacy', 'nft'].map((kind): [string, string] => {
        const path = `/usr/sbin/xtables-${kind}-multi`;
        return [path, join(root, path)];
      }),
      ['/etc/passwd', users],
      ...(kine ? [['/usr/local/bin/kine', await binary('kine')] as const] : []),
    ]),
    entrypoint: ['/usr/local/bin/k0s'],
  };
}

/** The lab's etcd with its two tools, no shell, under the name of the image that hosted control planes use. */
export async function etcdImage(): Promise<PodImage> {
  const [etcd, etcdctl, etcdutl] = [await binary('etcd'), await binary('etcdctl'), await binary('etcdutl')];
  return {
    name: `quay.io/k0sproject/etcd:v${setOf('etcd').version}`,
    files: new Map([
      ['/usr/local/bin/etcd', etcd],
      ['/usr/local/bin/etcdctl', etcdctl],
      ['/usr/local/bin/etcdutl', etcdutl],
    ]),
    entrypoint: ['/usr/local/bin/etcd'],
  };
}

/**
 * Agent of konnectivity, under the name by which this k0s asks for it.
 * @throws LabError when `K0S_DIR` does not hold it.
 */
export async function konnectivityAgentImage(k0s: string): Promise<PodImage> {
  const agent = await unpackedXz(konnectivityAgent, 'proxy-agent');
  if (!agent) throw new LabError(`set K0S_DIR to a folder that holds ${konnectivityAgent}.xz`);
  const name = (await imageNames(k0s))('apiserver-network-proxy-agent');
  return { name, files: new Map([['/proxy-agent', agent]]), entrypoint: ['/proxy-agent'], user: '65532' };
}

const konnectivityAgent = 'konnectivity-agent-v0.34.0';
