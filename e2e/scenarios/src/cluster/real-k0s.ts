import { describe } from '@jest/globals';
import { defaultK0sVersion, k0sVersions } from '@k0smotron/lab';

/** A suite that runs k0s itself on machines; where k0s cannot be had it counts as skipped, with the reason in its name. */
export function describeOnK0s(name: string, suite: () => void): void {
  if (k0sVersions().includes(defaultK0sVersion)) describe(name, suite);
  else describe.skip(`${name} (needs real k0s ${defaultK0sVersion}: set K0S_DIR)`, suite);
}
