import type { ValidatingWebhook } from './validation.ts';

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

/** `webhooks` of a ValidatingWebhookConfiguration; `clientConfigOf` says where a path of ours is reached. */
export const registeredWebhooks = (
  webhooks: readonly ValidatingWebhook[],
  clientConfigOf: (path: string) => object,
): readonly object[] =>
  webhooks.map(({ name, path, resource: { group, version, resource } }) => ({
    name,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfigOf(path),
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
  }));

/** Names a built-in kind that the model has no use for otherwise. */
export const ValidatingWebhookConfiguration = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};
