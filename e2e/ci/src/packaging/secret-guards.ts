import { objectName, type Provider } from './provider.ts';

/** Of an owner `n` after and `o` before. */
const sameOwner = 'n.uid == o.uid && n.kind == o.kind && n.name == o.name';

/**
 * What a service may do to a Secret of ours that lost its owner (OR-2), or names it in an older version (OR-1): add an owner of
 * its own kinds. It takes none away and leaves the content as it is. `named` says which Secrets, of an owner `n`: whoever may
 * name an owner that does not exist has the Secret collected as garbage.
 */
const mayGiveBackOwner = ({ kinds, group, named }: Record<'kinds' | 'group' | 'named', string>): string =>
  "oldObject.type == 'cluster.x-k8s.io/secret' && object.type == oldObject.type && object.?data == oldObject.?data && " +
  'oldObject.metadata.?ownerReferences.orValue([]).all(o, ' +
  `object.metadata.?ownerReferences.orValue([]).exists(n, ${sameOwner})) && ` +
  'object.metadata.?ownerReferences.orValue([]).all(n, ' +
  `oldObject.metadata.?ownerReferences.orValue([]).exists(o, ${sameOwner}) || ` +
  `(n.kind in [${kinds}] && n.apiVersion.startsWith('${group}/') && ${named}))`;

/** What a hosted Cluster's pods and users are given, by the name of the Cluster. */
const namedAfterOwner =
  "['ca', 'etcd', 'proxy', 'sa', 'kubeconfig', 'apiserver-etcd-client', 'etcd-peer', 'etcd-server'].exists(part, " +
  "oldObject.metadata.name == n.name + '-' + part)";

/** A cluster's key pairs and its kubeconfig, by the label with the name of the cluster. */
const namedAfterCluster =
  "['ca', 'etcd', 'proxy', 'sa', 'kubeconfig'].exists(part, oldObject.metadata.name == " +
  "oldObject.metadata.?labels[?'cluster.x-k8s.io/cluster-name'].orValue('') + '-' + part)";

/**
 * RBAC cannot say which Secrets, or which part of one, a service may change (SR-18). What it leaves open an admission policy
 * closes: no service may write all Secrets. Services create Secrets freely (nothing is overwritten by that) and may change
 *  - infrastructure: finalizers and labels only, to hold an SSH key until a host is clean (SR-1);
 *  - bootstrap: nothing of its own data Secrets but that they get their owner back;
 *  - control-plane: the same of the keys of its clusters; the kubeconfig Secrets that its own control planes own, to renew their
 *    certificate (CP-13), and of a hosted Cluster also what etcd's authority issued and the configuration of its pods; never
 *    the content of an authority.
 */
const guards = [
  {
    service: 'infrastructure',
    expression: 'object.?data == oldObject.?data && object.type == oldObject.type',
    message: 'the infrastructure service may hold a Secret by finalizers and labels, and change nothing else of it',
  },
  {
    service: 'bootstrap',
    expression: mayGiveBackOwner({
      kinds: "'K0sWorkerConfig', 'K0sControllerConfig'",
      group: 'bootstrap.cluster.x-k8s.io',
      named: 'n.name == oldObject.metadata.name',
    }),
    message: 'the bootstrap service may give bootstrap data its owner back, and change nothing else of a Secret',
  },
  {
    service: 'control-plane',
    expression:
      "(oldObject.type == 'cluster.x-k8s.io/secret' && oldObject.metadata.name.endsWith('-kubeconfig') && " +
      "oldObject.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'K0sControlPlane')) || " +
      "(oldObject.metadata.name.matches('^kmc-|-(kubeconfig|apiserver-etcd-client|etcd-peer|etcd-server|ingress-haproxy|monitoring-client)$') && " +
      "oldObject.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'Cluster' && " +
      "o.apiVersion.startsWith('k0smotron.io/') && o.?controller.orValue(false))) || " +
      `(${mayGiveBackOwner({
        kinds: "'K0sControlPlane'",
        group: 'controlplane.cluster.x-k8s.io',
        named: namedAfterCluster,
      })}) || ` +
      `(${mayGiveBackOwner({ kinds: "'Cluster'", group: 'k0smotron.io', named: namedAfterOwner })})`,
    message:
      'the control-plane service may renew what it issued for its own control planes and hosted Clusters, and give keys their owner back; no other Secret',
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
