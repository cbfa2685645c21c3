import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { checkoutDir } from './paths.ts';

const known = new Set<string>();

/** Notes a real component that this run works with, once, for the closing report of `npm test` (ER-10). */
export function recordComponent(line: string): void {
  const results = join(checkoutDir(), '.results');
  if (known.has(line) || !existsSync(results)) return;
  known.add(line);
  appendFileSync(join(results, 'components.txt'), `${line}\n`);
}
