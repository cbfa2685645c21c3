import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { unpackedXz } from '../machines/k0s-binary.ts';
import type { PodImage } from './pod-image.ts';

/** cert-manager, as clusterctl installs it. */
export interface CertManager {
  readonly version: string;
  /** Path of its manifest. */
  readonly manifest: string;
  readonly images: readonly PodImage[];
}

const version = 'v1.21.1';
const parts = ['controller', 'webhook', 'cainjector'];

/**
 * cert-manager from the folder that `K0S_DIR` names: its manifest, and its programs, which its images are made of.
 * Undefined where they are not: then clusterctl and kubelet get both from the internet.
 */
export async function certManager(): Promise<CertManager | undefined> {
  const manifest = join(process.env['K0S_DIR'] ?? '', `cert-manager-${version}.yaml`);
  if (!existsSync(manifest)) return undefined;
  const images: PodImage[] = [];
  for (const part of parts) {
    const program = await unpackedXz(`cert-manager-${part}-${version}`, part);
    if (!program) return undefined;
    const path = `/app/cmd/${part}/${part}`;
    images.push({
      name: `quay.io/jetstack/cert-manager-${part}:${version}`,
      files: new Map([[path, program]]),
      entrypoint: [path],
      user: '65532',
    });
  }
  return { version, manifest, images };
}
