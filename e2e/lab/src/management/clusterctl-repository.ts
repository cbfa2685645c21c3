import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dump, load } from 'js-yaml';

import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import type { CertManager } from './cert-manager.ts';
import type { CoreProvider } from './core-provider.ts';

/** What matters here of a clusterctl.yaml. */
interface ClusterctlConfig {
  readonly providers: readonly { readonly name: string; readonly type: string; readonly url: string }[];
  readonly 'cert-manager'?: { readonly url: string; readonly version: string };
}

/**
 * Writes a local repository, `<provider>/<version>/<file>` (contract K-03), from which clusterctl installs Cluster API core
 * and cert-manager without a network, and the clusterctl.yaml that names it.
 */
export function writeClusterctlRepository(
  lab: Pick<Lab, 'dir'>,
  { version, components }: Pick<CoreProvider, 'version' | 'components'>,
  manager: Pick<CertManager, 'version' | 'manifest'> | undefined,
): void {
  const core = folderIn(lab, 'cluster-api', version);
  writeFileSync(join(core, 'core-components.yaml'), components);
  writeFileSync(join(core, 'metadata.yaml'), dump(metadataOf(version)));
  const url = `file://${join(core, 'core-components.yaml')}`;
  const config: ClusterctlConfig = {
    providers: [{ name: 'cluster-api', type: 'CoreProvider', url }],
    ...(manager && { 'cert-manager': { url: copyOf(lab, manager), version: manager.version } }),
  };
  writeFileSync(configFile(lab), dump(config, { lineWidth: -1 }));
}

/**
 * Text of a clusterctl.yaml with the providers that a file of the same form names, on top of core and cert-manager from the
 * lab's own repository.
 * @throws LabError when the lab has no such repository.
 */
export function clusterctlConfig(lab: Pick<Lab, 'dir' | 'name'>, providersFile: string): string {
  if (!existsSync(configFile(lab))) throw new LabError(`lab ${lab.name} has no cluster with a kubelet`);
  const [own, other] = [configFile(lab), providersFile].map(
    (file) => load(readFileSync(file, 'utf8')) as ClusterctlConfig,
  );
  return dump({ ...own, providers: [...(own?.providers ?? []), ...(other?.providers ?? [])] }, { lineWidth: -1 });
}

const configFile = (lab: Pick<Lab, 'dir'>): string => join(lab.dir, 'clusterctl', 'clusterctl.yaml');

function folderIn(lab: Pick<Lab, 'dir'>, provider: string, version: string): string {
  const folder = join(lab.dir, 'clusterctl', provider, version);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function copyOf(lab: Pick<Lab, 'dir'>, { version, manifest }: Pick<CertManager, 'version' | 'manifest'>): string {
  const file = join(folderIn(lab, 'cert-manager', version), 'cert-manager.yaml');
  copyFileSync(manifest, file);
  return `file://${file}`;
}

/** The cores that a lab runs, 1.13 and 1.14, keep the contract v1beta2. */
function metadataOf(version: string): object {
  const [major, minor] = version.slice(1).split('.').map(Number);
  return {
    apiVersion: 'clusterctl.cluster.x-k8s.io/v1alpha3',
    kind: 'Metadata',
    releaseSeries: [{ major, minor, contract: 'v1beta2' }],
  };
}
