import { writeFile } from 'node:fs/promises';
import type { System } from '../system/start-system.ts';
import type { Manifest } from './manifests.ts';

/** `kubectl apply` of manifests: strict field validation included, as users have it. */
export async function applyManifests(
  { controlPlane, lab }: Pick<System, 'controlPlane' | 'lab'>,
  manifests: readonly Manifest[],
): Promise<string> {
  const file = `${lab.dir}/apply-${applied++}.json`;
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }), { mode: 0o600 });
  return controlPlane.kubectl('apply', '-f', file);
}

let applied = 0;
