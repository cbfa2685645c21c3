import { registeredWebhooks, type ValidatingWebhook } from '@k0smotron/runtime';
import { admission as bootstrap } from '@k0smotron/bootstrap/admission';
import { admission as controlPlane } from '@k0smotron/control-plane/admission';
import { admission as infrastructure } from '@k0smotron/infrastructure/admission';
import { webhookService } from './manager.ts';
import { namespaceOf, objectName, type Provider } from './provider.ts';

const webhooksOf: Readonly<Record<string, readonly ValidatingWebhook[]>> = {
  infrastructure,
  bootstrap,
  'control-plane': controlPlane,
};

/** Whether a service has something to say to what users apply. */
export const admits = ({ service }: Provider): boolean => webhooksOf[service] !== undefined;

/** The registration of a provider's admission webhooks, as a manifest that clusterctl can move (K-10). */
export const webhookConfiguration = (provider: Provider): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: {
    name: objectName(provider),
    annotations: { 'cert-manager.io/inject-ca-from': `${namespaceOf(provider)}/${objectName(provider)}` },
  },
  webhooks: registeredWebhooks(webhooksOf[provider.service] ?? [], (path) => ({
    service: { name: webhookService(provider), namespace: namespaceOf(provider), path, port: 443 },
  })),
});
