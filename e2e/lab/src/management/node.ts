import { basename, dirname } from 'node:path';

import { lastLines } from '../command.ts';
import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import type { Machine } from '../machines/machine.ts';
import { serveFiles } from '../machines/serve-files.ts';
import { disabledComponents, k0sConfig, kubeletProfile } from './k0s-config.ts';

/** Where k0s looks for archives of images when it starts. */
export const imageFolder = '/var/lib/k0s/images';

/**
 * Runs a shell command on a node and returns its standard output.
 * @throws LabError with the end of its standard error when it fails.
 */
export async function onNode(node: Machine, command: string): Promise<string> {
  const { code, stdout, stderr } = await node.exec(command);
  if (code !== 0) throw new LabError(`${node.name}: ${command.slice(0, 80)}: ${lastLines(stderr)}`);
  return stdout;
}

/** Copies files of this host into a folder of a node; they keep their names. */
export async function copyToNode(
  lab: Lab,
  node: Machine,
  { files, folder }: { readonly files: readonly string[]; readonly folder: string },
): Promise<void> {
  await onNode(node, `mkdir -p ${folder}`);
  for (const file of files) {
    const server = await serveFiles(lab, dirname(file));
    try {
      const name = basename(file);
      await onNode(node, `curl --fail --silent --show-error --output ${folder}/${name} ${server.url}/${name}`);
    } finally {
      await server.close();
    }
  }
}

/** Starts k0s as controller and worker of a cluster of its own. */
export async function startK0s(node: Machine): Promise<void> {
  const config = '/etc/k0s/k0s.yaml';
  const flags = [
    `--config=${config}`,
    '--enable-worker',
    '--no-taints',
    `--profile=${kubeletProfile}`,
    `--disable-components=${disabledComponents.join(',')}`,
  ];
  await onNode(node, `printf %s '${JSON.stringify(k0sConfig(node.address))}' >${config}`); // JSON is YAML
  await onNode(node, `k0s install controller ${flags.join(' ')} && k0s start`);
}
