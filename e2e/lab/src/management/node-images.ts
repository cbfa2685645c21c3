import { globSync } from 'node:fs';
import { join } from 'node:path';

import { binary } from '../binaries/binary.ts';
import { run } from '../command.ts';
import { LabError } from '../lab-error.ts';
import { machineImage } from '../machines/image.ts';
import type { PodImage } from './pod-image.ts';

/**
 * What k0s itself runs in pods of a node with kube-proxy and CoreDNS, under the names by which this k0s asks for them.
 * @throws LabError when it asks for none of such a name.
 */
export async function nodeImages(k0s: string): Promise<PodImage[]> {
  const named = await imageNames(k0s);
  const [coredns, kubeProxy] = [await binary('coredns'), await binary('kube-proxy-1.34')];
  return [
    await pauseImage(k0s),
    // k0s wants it to be no root.
    { name: named('coredns'), files: new Map([['/coredns', coredns]]), entrypoint: ['/coredns'], user: '65532' },
    { name: named('kube-proxy'), files: new Map([['/usr/local/bin/kube-proxy', kubeProxy], ...(await iptables())]) },
  ];
}

/** What holds the namespaces of every pod, under the name by which this k0s asks for it. */
export async function pauseImage(k0s: string): Promise<PodImage> {
  const name = (await imageNames(k0s))('pause');
  return { name, files: new Map([['/pause', await binary('pause')]]), entrypoint: ['/pause'] };
}

/**
 * The full name of an image by its repository, as this k0s asks for it.
 * @throws LabError when it asks for none of such a name.
 */
export async function imageNames(k0s: string): Promise<(repository: string) => string> {
  const wanted = (await run(k0s, ['airgap', 'list-images'])).split('\n');
  return (repository) => {
    const name = wanted.find((one) => one.includes(`/${repository}:`));
    if (!name) throw new LabError(`${k0s} asks for no image named ${repository}`);
    return name;
  };
}

const multi = '/usr/sbin/xtables-nft-multi';

/** iptables with its matches and the libraries of both, from the machines' image, so that a pod and its machine write rules of the same kind. */
async function iptables(): Promise<Map<string, string>> {
  const root = await machineImage();
  const programs = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
  const files = new Map(programs.map((name) => [`/usr/sbin/${name}`, join(root, multi)]));
  const matches = globSync('usr/lib/*/xtables/*.so', { cwd: root }).map((path) => `/${path}`);
  // A match has libraries of its own: without that of `statistic` no Service can have two endpoints.
  const libraries = await run('chroot', [root, 'ldd', multi, ...matches]);
  for (const [, path = ''] of libraries.matchAll(/^\s+(?:.+ => )?(\/\S+) \(0x/gm)) files.set(path, join(root, path));
  for (const path of matches) files.set(path, join(root, path));
  return files;
}
