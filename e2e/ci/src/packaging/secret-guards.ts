import { objectName, type Provider } from './provider.ts';

/**
 * RBAC cannot say which Secrets, or which part of one, a service may change (SR-18). What it leaves open an admission policy
 * closes: no service may write all Secrets. Services create Secrets freely (nothing is overwritten by that) and may change
 *  - infrastructure: finalizers and labels only, to hold an SSH key until a host is clean (SR-1);
 *  - control-plane: the kubeconfig Secrets that its own control planes own, to renew their certificate (CP-13), and of a hosted
 *    Cluster also what etcd's authority issued and the configuration of its pods; never an authority.
 */
const guards = [
  {
    service: 'infrastructure',
    expression: 'object.?data == oldObject.?data && object.type == oldObject.type',
    message: 'the infrastructure service may hold a Secret by finalizers and labels, and change nothing else of it',
  },
  {
    service: 'control-plane',
    expression:
      "(oldObject.type == 'cluster.x-k8s.io/secret' && oldObject.metadata.name.endsWith('-kubeconfig') && " +
      "oldObject.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'K0sControlPlane')) || " +
      "(oldObject.metadata.name.matches('^kmc-|-(kubeconfig|apiserver-etcd-client|etcd-peer|etcd-server)$') && " +
      "oldObject.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'Cluster' && " +
      "o.apiVersion.startsWith('k0smotron.io/') && o.?controller.orValue(false)))",
    message:
      'the control-plane service may renew what it issued for its own control planes and hosted Clusters, and no other Secret',
  },
] as const;

/** The policy of a service and its binding, as manifests; none for one that changes no Secret. */
export const secretGuards = (provider: Provider): readonly object[] =>
  guards.flatMap(({ service, expression, message }) => {
    if (service !== provider.service) return [];
    const name = `${objectName(provider)}-secrets`;
    const account = `:${objectName(provider)}`;
    return [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'], scope: '*' },
            ],
          },
          matchConditions: [
            {
              name: 'by-the-service',
              expression:
                `request.userInfo.username.startsWith('system:serviceaccount:') && ` +
                `request.userInfo.username.endsWith('${account}')`,
            },
          ],
          validations: [{ expression, message }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      },
    ];
  });
