import { run } from '../run.ts';
import { checkAudit } from './audit.ts';
import { checkCycles } from './cycles.ts';
import { checkLicences } from './licences.ts';
import { checkSizes } from './sizes.ts';

const checks: Readonly<Record<string, () => Promise<number>>> = {
  knip: () => run('knip', ['--no-progress']),
  cycles: checkCycles,
  sizes: checkSizes,
  licences: checkLicences,
  audit: checkAudit,
};

/** `check [name …]`: what keeps the house tidy, all of it unless named; one failure does not hide another. */
export async function check(names: readonly string[]): Promise<number> {
  const wanted = names.length > 0 ? names : Object.keys(checks);
  let failed = 0;
  for (const name of wanted) {
    const one = checks[name];
    if (!one) throw new Error(`unknown check '${name}': one of ${Object.keys(checks).join(', ')}`);
    const code = await one();
    console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
    failed += code === 0 ? 0 : 1;
  }
  return failed === 0 ? 0 : 1;
}
