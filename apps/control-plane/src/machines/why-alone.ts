import type { K0sConfigSpec } from '@k0smotron/api';
import { isSingle, readableArgs } from '@k0smotron/k0s';

/**
 * Why no second controller can join this one, and what to write instead; undefined where controllers share their data. A
 * second one on a database of its own would be another cluster under the same name.
 */
export function whyAlone({ k0s, args }: Partial<Pick<K0sConfigSpec, 'k0s' | 'args'>>): string | undefined {
  if (isSingle(readableArgs(args)))
    return '--single makes a cluster of one controller: write 1, or take it out of args';
  return storesAlone(k0s)
    ? 'kine on SQLite cannot be shared by controllers: write 1, or give spec.storage.kine.dataSource'
    : undefined;
}

/** k0s's default for kine is a SQLite file on the controller. */
function storesAlone(k0s: Readonly<Record<string, unknown>> | undefined): boolean {
  const { storage } = (k0s?.['spec'] ?? {}) as { storage?: { type?: unknown; kine?: { dataSource?: unknown } } };
  const source = storage?.kine?.dataSource;
  return storage?.type === 'kine' && (typeof source !== 'string' || source === '' || source.startsWith('sqlite'));
}
