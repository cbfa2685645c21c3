import { existsSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The lab's cache: `K0SMOTRON_CACHE`, else `k0smotron-ts` in the XDG cache (ER-11). The folder may not exist yet. */
export function cacheDir(): string {
  const own = process.env['K0SMOTRON_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'k0smotron-ts');
}

/** Holds one folder per lab. */
export function labsDir(): string {
  return join(cacheDir(), 'labs');
}

/**
 * Holds what belongs to the host and not to one cache: claimed ports and subnets, saved sysctls.
 * It is emptied by a reboot, which also resets what it speaks of.
 */
export function hostStateDir(): string {
  const base = process.getuid?.() === 0 && existsSync('/run') ? '/run' : process.env['XDG_RUNTIME_DIR'] || tmpdir();
  const dir = join(base, 'k0smotron-lab');
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Root of the checkout that this lab is part of. */
export function checkoutDir(): string {
  return join(import.meta.dirname, '../../..');
}
