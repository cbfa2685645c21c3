import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { binary } from '../binaries/binary.ts';
import type { BinaryName } from '../binaries/sets.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { k0sEmbedsParts, realK0s, unpackedXz } from './k0s-binary.ts';

/** Names in a machine's /usr/local/bin → what they are. runc and iptables are in the image. */
const parts: Readonly<Record<string, BinaryName>> = {
  'kube-apiserver': 'kube-apiserver-1.34',
  'kube-controller-manager': 'kube-controller-manager-1.34',
  'kube-scheduler': 'kube-scheduler-1.34',
  kubelet: 'kubelet-1.34',
  etcd: 'etcd',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd-shim-runc-v2',
  // k0s looks for these two as well; nothing calls them.
  'containerd-shim': 'containerd-shim-runc-v2',
  'containerd-shim-runc-v1': 'containerd-shim-runc-v2',
};

const konnectivity = 'konnectivity-server-v0.34.0';

/**
 * Folder that holds, below `usr/local/bin`, the programs that a k0s without embedded binaries looks for on PATH.
 * It lies over the image of machines; its files are hard links into the cache, so forty machines share one copy.
 * @throws LabError when a part is nowhere and cannot be built.
 */
export async function k0sParts(): Promise<string> {
  const files = await collect();
  const folder = join(cacheDir(), 'k0s-parts', hashOf(files));
  await withLock(folder, () => {
    if (existsSync(folder)) return;
    const draft = `${folder}.draft`;
    rmSync(draft, { recursive: true, force: true });
    const bin = join(draft, 'usr/local/bin');
    mkdirSync(bin, { recursive: true });
    for (const [name, path] of files) linkOrCopy(path, join(bin, name));
    renameSync(draft, folder);
  });
  return folder;
}

async function collect(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const server = await unpackedXz(konnectivity, 'konnectivity-server');
  if (server) files.set('konnectivity-server', server);
  else if ((await realK0s()) && !(await k0sEmbedsParts())) {
    // The stand-in goes without.
    throw new LabError(`k0s controllers need ${konnectivity}: set K0S_DIR to a folder that holds ${konnectivity}.xz`);
  }
  for (const [name, source] of Object.entries(parts)) files.set(name, await binary(source));
  return files;
}

function hashOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [name, path] of files) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${name} ${path} ${size} ${mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}
