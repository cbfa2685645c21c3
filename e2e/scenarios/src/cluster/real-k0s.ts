import { describe } from '@jest/globals';
import { defaultK0sVersion, k0sVersions } from '@k0smotron/lab';

/**
 * A suite that runs k0s itself on machines, the default version and perhaps others; where one cannot be had it counts as
 * skipped, with the reason in its name.
 */
export function describeOnK0s(name: string, suite: () => void, others: readonly string[] = []): void {
  const missing = [defaultK0sVersion, ...others].filter((version) => !k0sVersions().includes(version));
  if (missing.length === 0) describe(name, suite);
  else describe.skip(`${name} (needs real k0s ${missing.join(', ')}: set K0S_DIR)`, suite);
}
