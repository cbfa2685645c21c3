import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';

const kinds = { Issuer: 'Namespaced', Certificate: 'Namespaced', ClusterIssuer: 'Cluster' };

/**
 * The CRDs of cert-manager, for an API server that has to take our packages: the real ones where `K0S_DIR` holds its manifest,
 * else some that take anything.
 */
export async function certManagerCrds(): Promise<readonly object[]> {
  const folder = process.env['K0S_DIR'];
  const files = folder && existsSync(folder) ? await readdir(folder) : [];
  const manifest = files.find((file) => /^cert-manager-v.*\.yaml$/.test(file));
  if (!folder || !manifest) return Object.entries(kinds).map(([kind, scope]) => openCrd(kind, scope));
  const objects = loadAll(await readFile(join(folder, manifest), 'utf8')) as ({ readonly kind?: string } | null)[];
  return objects.filter((object) => object?.kind === 'CustomResourceDefinition') as readonly object[];
}

function openCrd(kind: string, scope: string): object {
  const [singular, group] = [kind.toLowerCase(), 'cert-manager.io'];
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope,
      names: { kind, singular, plural: `${singular}s` },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
