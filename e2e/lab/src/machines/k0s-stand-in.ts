import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';

const program = fileURLToPath(new URL('../../stand-in/k0s.py', import.meta.url));

/** True when `K0SMOTRON_LAB_K0S=stand-in` asks for the stand-in although real k0s may be there. */
export const standInForced = (): boolean => process.env['K0SMOTRON_LAB_K0S'] === 'stand-in';

/**
 * Folder that holds the stand-in as `usr/local/bin/k0s`. A copy in the cache named after its content, since machines
 * keep the folder as a layer of their root while the checkout may change.
 */
export async function standInLayer(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(program)).digest('hex').slice(0, 16);
  const layer = join(cacheDir(), 'k0s-stand-in', hash);
  await withLock(layer, () => {
    if (existsSync(layer)) return;
    const draft = `${layer}.draft`;
    rmSync(draft, { recursive: true, force: true });
    const bin = join(draft, 'usr/local/bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(program, join(bin, 'k0s'));
    chmodSync(join(bin, 'k0s'), 0o755);
    renameSync(draft, layer);
  });
  return layer;
}
