import type { ValidatingWebhook } from '@k0smotron/runtime';
import { admission as bootstrap } from '@k0smotron/bootstrap/admission';
import { admission as controlPlane } from '@k0smotron/control-plane/admission';
import { admission as infrastructure } from '@k0smotron/infrastructure/admission';
import { webhookService } from './manager.ts';
import { namespaceOf, objectName, type Provider } from './provider.ts';

/**
 * Who is asked, and when. The API server itself leaves out what no rule can be about, so that labels, finalizers and
 * deletion go on while a service is down (SR-18): updates that leave `spec` alone, objects that go, and our own services,
 * whose objects follow from ones that were let in (ER-4).
 */
const matchConditions = [
  { name: 'spec-changed', expression: "request.operation == 'CREATE' || object.?spec != oldObject.?spec" },
  { name: 'not-going', expression: '!has(object.metadata.deletionTimestamp)' },
  {
    name: 'not-our-services',
    expression:
      "!(request.userInfo.username.startsWith('system:serviceaccount:') && " +
      "request.userInfo.username.matches(':k0smotron-(bootstrap|control-plane|infrastructure|etcd-snapshot)$'))",
  },
];

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
  webhooks: webhooksOf[provider.service]?.map(({ name, path, resource: { group, version, resource } }) => ({
    name,
    admissionReviewVersions: ['v1'],
    clientConfig: {
      service: { name: webhookService(provider), namespace: namespaceOf(provider), path, port: 443 },
    },
    // Defaults are spelled out, so that a second `kubectl apply` changes nothing.
    rules: [
      {
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: [resource],
        scope: '*',
      },
    ],
    matchPolicy: 'Equivalent',
    matchConditions,
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
  })),
});
