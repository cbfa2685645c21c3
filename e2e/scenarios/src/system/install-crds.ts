import { readdir, readFile } from 'node:fs/promises';
import { CustomResourceDefinition } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { load } from 'js-yaml';
import { eventually } from '@k0smotron/testing';
import { providersDir } from './repository.ts';

/** Where the conversion webhook of a group answers. */
export interface ConversionWebhook {
  readonly url: string;
  readonly caPem: string;
}

interface CrdManifest extends CustomResourceDefinition {
  readonly spec: CustomResourceDefinition['spec'] & {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

async function manifests(): Promise<CrdManifest[]> {
  const files = (await readdir(providersDir, { recursive: true })).filter((file) => /\/crds\/.+_.+\.yaml$/.test(file));
  return Promise.all(files.map(async (file) => load(await readFile(`${providersDir}/${file}`, 'utf8')) as CrdManifest));
}

/** Names of our CRDs. */
export const crdNames = async (): Promise<string[]> => (await manifests()).map(({ metadata }) => metadata.name);

/** Our kinds in the version that is stored, which needs no conversion to be read. */
export const ourKinds = async (): Promise<Kind<KubeObject>[]> =>
  (await manifests()).map(({ spec: { group, names, versions } }) => ({
    group,
    version: versions.find(({ storage }) => storage)?.name ?? '',
    kind: names.kind,
    plural: names.plural,
    namespaced: true,
  }));

/** Installs our CRDs with their conversion webhooks, as the provider packages will, and waits until they are served. */
export async function installCrds(kube: KubeClient, webhooks: ReadonlyMap<string, ConversionWebhook>): Promise<void> {
  const names = await Promise.all(
    (await manifests()).map(async (crd) => {
      await kube.apply(CustomResourceDefinition, withConversion(crd, webhooks.get(crd.spec.group)) as never, {
        fieldManager: 'k0smotron-e2e',
      });
      return crd.metadata.name;
    }),
  );
  for (const name of names)
    await eventually(() => established(kube, name), { timeoutMs: 120_000, what: `CRD ${name}` });
}

function withConversion({ metadata, spec }: CrdManifest, webhook: ConversionWebhook | undefined): unknown {
  if (!webhook || spec.versions.length < 2) return { metadata, spec };
  const clientConfig = { url: webhook.url, caBundle: Buffer.from(webhook.caPem, 'utf8').toString('base64') };
  return {
    metadata,
    spec: {
      ...spec,
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
    },
  };
}

async function established(kube: KubeClient, name: string): Promise<void> {
  const crd = await kube.get(CustomResourceDefinition, { name });
  const conditions = (crd as { status?: { conditions?: { type: string; status: string }[] } } | undefined)?.status
    ?.conditions;
  if (!conditions?.some(({ type, status }) => type === 'Established' && status === 'True'))
    throw new Error('not established');
}
