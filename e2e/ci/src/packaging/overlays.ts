import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { binary } from '@k0smotron/lab';

/** The environments under deploy/overlays. */
export const overlays = ['dev', 'staging', 'production'] as const;

/** One of them. */
export type Overlay = (typeof overlays)[number];

/** What `kubectl kustomize` makes of a folder of this repository, as YAML. */
export async function kustomize(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(await binary('kubectl'), ['kustomize', folder], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/**
 * Applies an overlay as a user does. Nothing waits: pods become ready when their images, and the certificates of cert-manager,
 * are there.
 */
export const applyOverlay = (kubectl: (...args: string[]) => Promise<string>, name: Overlay): Promise<string> =>
  kubectl('apply', '-k', resolve('deploy/overlays', name));
