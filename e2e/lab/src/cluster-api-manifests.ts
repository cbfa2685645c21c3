import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadAll } from 'js-yaml';

import { binary } from './binaries/binary.ts';
import { moduleDir } from './binaries/cache.ts';
import { findGo } from './binaries/go.ts';
import { setOf } from './binaries/sets.ts';
import { run } from './command.ts';

/** A Kubernetes object read from YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

interface ClientConfig {
  service?: { readonly path?: string };
  url?: string;
  caBundle?: string;
}

interface WithWebhooks extends Manifest {
  readonly webhooks?: readonly { readonly clientConfig: ClientConfig }[];
  readonly spec?: { readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } } };
}

/** What is installed; the rest (deployment, roles, certificates) is for a manager within the cluster. */
const installed = ['CustomResourceDefinition', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** CRDs and webhook configurations of Cluster API core. Throws as `clusterApiComponents` does. */
export async function clusterApiManifests(binaryDir: string): Promise<Manifest[]> {
  return (loadAll(await clusterApiComponents(binaryDir)) as Manifest[]).filter(({ kind }) => installed.includes(kind));
}

/**
 * All manifests of Cluster API core, as its own kustomization puts them together. They are kept beside the binary, so
 * that a later run needs no Go.
 * @throws LabError when they are not kept yet and Go is missing and cannot be had.
 */
export async function clusterApiComponents(binaryDir: string): Promise<string> {
  const kept = join(binaryDir, 'core-components.yaml');
  if (!existsSync(kept)) {
    const text = await render();
    writeFileSync(`${kept}.${process.pid}`, text);
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return readFileSync(kept, 'utf8');
}

async function render(): Promise<string> {
  const { command: go, env } = await findGo();
  const list = ['list', '-m', '-mod=readonly', '-f', '{{.Dir}}', 'sigs.k8s.io/cluster-api'];
  const set = setOf('cluster-api');
  const cwd = moduleDir(set);
  await run(go, ['mod', 'download', 'sigs.k8s.io/cluster-api'], { cwd, env });
  const dir = (await run(go, list, { cwd, env })).trim();
  return run(await binary('kubectl'), ['kustomize', join(dir, set.manifests ?? 'config/default')]);
}

/** Points every webhook at a listener outside the cluster, as envtest does. */
export function reachedByUrl(
  manifests: readonly Manifest[],
  { url, caPem }: { readonly url: string; readonly caPem: string },
): Manifest[] {
  const caBundle = Buffer.from(caPem).toString('base64');
  const point = (client: ClientConfig | undefined): void => {
    if (!client?.service) return;
    client.url = `${url}${client.service.path ?? '/'}`;
    client.caBundle = caBundle;
    delete client.service;
  };
  return manifests.map((original) => {
    const copy = structuredClone(original) as WithWebhooks;
    for (const { clientConfig } of copy.webhooks ?? []) point(clientConfig);
    point(copy.spec?.conversion?.webhook?.clientConfig);
    return copy;
  });
}
