import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { run } from '../command.ts';
import type { BinaryName } from './sets.ts';
import { setOf } from './sets.ts';

/** What the envtest folder of kubebuilder holds. */
const envtestNames: readonly BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl'];

/** A binary in KUBEBUILDER_ASSETS, which whoever set it vouches for. */
export function inEnvtestAssets(name: BinaryName): string | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (!assets || !envtestNames.includes(name)) return undefined;
  return isExecutable(join(assets, name)) ? join(assets, name) : undefined;
}

/** A binary in PATH, when it says that it is of the minor version we want. */
export async function inPath(name: BinaryName): Promise<string | undefined> {
  const { inPath: rule } = setOf(name);
  const path = rule && whereIs(name);
  if (!rule || !path) return undefined;
  const args = name === 'etcd' ? ['--version'] : name === 'kubectl' ? ['version', '--client'] : rule.args;
  const output = await run(path, args, { timeoutMs: 10_000 }).catch(() => '');
  return rule.version.test(output) ? path : undefined;
}

/** First program of this name in PATH, or in one of the further folders. */
export function whereIs(program: string, more: readonly string[] = []): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...more]
    .map((dir) => join(dir, program))
    .find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
