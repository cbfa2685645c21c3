import { readFile } from 'node:fs/promises';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { load } from 'js-yaml';
import { providersDir } from './repository.ts';
import type { ServicePlace } from './start-service.ts';

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly {
    readonly clientConfig: { readonly service?: { readonly path: string }; readonly url?: string };
  }[];
}

const ValidatingWebhookConfiguration: Kind<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

/** Services that have admission webhooks. */
const admitting = new Set(['infrastructure', 'bootstrap', 'control-plane']);

/** Registers the generated admission webhooks of the services at the address where the services listen. */
export async function installWebhooks(
  kube: KubeClient,
  services: readonly Pick<ServicePlace, 'name' | 'webhookPort' | 'caPem'>[],
  host = '127.0.0.1',
): Promise<void> {
  for (const { name, webhookPort, caPem } of services.filter((service) => admitting.has(service.name))) {
    const { metadata, webhooks } = load(
      await readFile(`${providersDir}/${name}/webhooks.yaml`, 'utf8'),
    ) as WebhookConfiguration;
    const caBundle = Buffer.from(caPem, 'utf8').toString('base64');
    const placed = webhooks.map((webhook) => {
      const url = `https://${host}:${webhookPort}${webhook.clientConfig.service?.path}`;
      return { ...webhook, clientConfig: { url, caBundle } };
    });
    await kube.apply(ValidatingWebhookConfiguration, { metadata, webhooks: placed }, { fieldManager: 'k0smotron-e2e' });
  }
}
