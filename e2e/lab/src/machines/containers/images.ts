import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { withLock } from '../../lock.ts';
import { progress } from '../../progress.ts';
import { machineImageHash, writeMachineImage } from '../image.ts';
import { docker, dockerResult, labelKey } from './engine.ts';
import type { Engine } from './engine.ts';

/**
 * Name of an image with the machines' root and layers over it, top layer first. It is made once on a daemon, from
 * nothing that is pulled, and stays there, as the root itself stays in the cache; its tag says what it is made of.
 */
export function imageOf(engine: Engine, layers: readonly string[]): Promise<string> {
  const [top, ...below] = layers;
  // The folders of layers are named after their content.
  const parts = createHash('sha256')
    .update([...layers, machineImageHash()].join('\0'))
    .digest('hex')
    .slice(0, 16);
  const image = `${labelKey}:${top === undefined ? machineImageHash() : parts}`;
  return withLock(`${engine.host} ${image}`, async () => {
    const there = await dockerResult(engine, ['image', 'inspect', '--format', '{{.Id}}', image]);
    if (there.code === 0) return image;
    if (top === undefined) await importRoot(engine, image);
    else await addLayer(engine, { image, layer: top, base: await imageOf(engine, below) });
    return image;
  });
}

async function importRoot(engine: Engine, image: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'lab-image-'));
  try {
    const tar = join(scratch, 'root.tar');
    await writeMachineImage(tar);
    progress(`importing the machine image as ${image}`);
    await docker(engine, ['import', '--change', `LABEL ${labelKey}=image`, tar, image]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Without a Dockerfile, since not every daemon comes with a builder. */
async function addLayer(
  engine: Engine,
  { image, layer, base }: { readonly image: string; readonly layer: string; readonly base: string },
): Promise<void> {
  const draft = (await docker(engine, ['create', '--label', engine.label, base, 'true'])).trim();
  await docker(engine, ['cp', `${layer}/.`, `${draft}:/`]);
  await docker(engine, ['commit', '--change', `LABEL ${labelKey}=image`, draft, image]);
  await docker(engine, ['rm', '--force', draft]);
}
