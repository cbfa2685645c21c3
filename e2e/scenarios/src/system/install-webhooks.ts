import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { K0sControlPlane } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { load } from 'js-yaml';
import { providersDir } from './repository.ts';
import type { ServicePlace } from './start-service.ts';

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly {
    readonly clientConfig: { readonly service?: { readonly path: string }; readonly url?: string };
  }[];
}

/** How admission webhooks are registered. */
export const ValidatingWebhookConfiguration: Kind<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

/**
 * Registers the generated admission webhooks of the services at the address where the services listen, and waits until the
 * API server asks them.
 */
export async function installWebhooks(
  kube: KubeClient,
  services: readonly Pick<ServicePlace, 'name' | 'webhookPort' | 'caPem'>[],
  host = '127.0.0.1',
): Promise<void> {
  for (const { name, webhookPort, caPem } of services) {
    const file = `${providersDir}/${name}/webhooks.yaml`;
    if (!existsSync(file)) continue; // not every service has something to say
    const { metadata, webhooks } = load(await readFile(file, 'utf8')) as WebhookConfiguration;
    const caBundle = Buffer.from(caPem, 'utf8').toString('base64');
    const placed = webhooks.map((webhook) => {
      const url = `https://${inUrl(host)}:${webhookPort}${webhook.clientConfig.service?.path}`;
      return { ...webhook, clientConfig: { url, caBundle } };
    });
    await kube.apply(ValidatingWebhookConfiguration, { metadata, webhooks: placed }, { fieldManager: 'k0smotron-e2e' });
  }
  await eventually(() => isAsked(kube), { what: 'the API server to ask our webhooks' });
}

/** The service that is registered last refuses this; one watch brings the API server all registrations in their order. */
const neverRight = {
  metadata: { name: 'never-right', namespace: 'default' },
  spec: {
    version: 'v1.34.4+k0s.0',
    k0sConfigSpec: { args: ['--labels="open'] },
    machineTemplate: {
      spec: {
        infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 'any' },
      },
    },
  },
};

async function isAsked(kube: KubeClient): Promise<void> {
  const refused = await kube.create(K0sControlPlane, neverRight as never, { dryRun: true }).then(
    () => false,
    (error: unknown) => /denied the request/.test(String(error)) || Promise.reject(error as Error),
  );
  if (!refused) throw new Error('a wrong object was let in');
}

/** A host name or address as URLs spell it. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);
