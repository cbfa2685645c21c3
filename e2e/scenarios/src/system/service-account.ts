import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Namespace } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { loadAll } from 'js-yaml';
import { providersDir, repository } from './repository.ts';
import type { ServiceName } from './services.ts';

const kind = (group: string, version: string, name: string, plural: string, namespaced: boolean): Kind<KubeObject> => ({
  group,
  version,
  kind: name,
  plural,
  namespaced,
});

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';
const kinds: Readonly<Record<string, Kind<KubeObject>>> = {
  ServiceAccount: kind('', 'v1', 'ServiceAccount', 'serviceaccounts', true),
  ClusterRole: kind(rbac, 'v1', 'ClusterRole', 'clusterroles', false),
  Role: kind(rbac, 'v1', 'Role', 'roles', true),
  ClusterRoleBinding: kind(rbac, 'v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  RoleBinding: kind(rbac, 'v1', 'RoleBinding', 'rolebindings', true),
  ValidatingAdmissionPolicy: kind(admission, 'v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', false),
  ValidatingAdmissionPolicyBinding: kind(
    admission,
    'v1',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    false,
  ),
};

/** The kinds of rights and policies that belong to no namespace. */
export const accessKinds: readonly Kind<KubeObject>[] = Object.values(kinds).filter(({ namespaced }) => !namespaced);

/** The namespace that services run in. */
export const systemNamespace = 'k0smotron-system';

/** Installs the policies that say which Secrets each service may change. */
export async function installSecretGuards(kube: KubeClient): Promise<void> {
  for (const service of await readdir(providersDir)) {
    for (const policy of (await accessOf(service)).filter(isGuard)) {
      await kube.apply(required(policy.kind), policy, { fieldManager: 'k0smotron-e2e' });
    }
  }
}

const accessOf = (service: string): Promise<KubeObject[]> => objectsIn(`${providersDir}/${service}/rbac.yaml`);

const objectsIn = async (path: string): Promise<KubeObject[]> => loadAll(await readFile(path, 'utf8')) as KubeObject[];

/** What the component `namespaced` makes of them; that kustomize does the same is shown by overlays.it.test.ts. */
async function accessWithin(watched: string, service: ServiceName): Promise<KubeObject[]> {
  const component = `${repository}/deploy/components/namespaced`;
  const narrow = await objectsIn(`${component}/cluster-roles.yaml`);
  const roles = await objectsIn(`${component}/roles.yaml`);
  const account = `k0smotron-${service}`;
  return [
    ...(await accessOf(service)).map(
      (role) => narrow.find(({ kind, metadata }) => kind === role.kind && metadata.name === role.metadata.name) ?? role,
    ),
    ...roles
      .filter(({ kind, metadata }) => kind === 'Role' && metadata.name === `${account}-objects`)
      .map((role) => ({ ...role, metadata: { ...role.metadata, namespace: watched } })),
  ];
}

const isGuard = ({ kind: name = '' }: KubeObject): boolean => name.startsWith('ValidatingAdmissionPolicy');

/** Where a service reaches the API server, and the only namespace that it may look at, if there is one. */
export interface Reach {
  readonly server: string;
  readonly caPem: string;
  readonly watched?: string | undefined;
}

/**
 * Gives a service an identity of its own with nothing but the generated permissions, and writes its kubeconfig to `path`:
 * what runs in tests has the rights that it will have in production.
 */
export async function serviceKubeconfig(
  kube: KubeClient,
  service: ServiceName,
  path: string,
  { server, caPem, watched }: Reach,
): Promise<void> {
  const options = { fieldManager: 'k0smotron-e2e' };
  await kube.apply(Namespace, { metadata: { name: systemNamespace } }, options);
  const account = { name: `k0smotron-${service}`, namespace: systemNamespace };
  await kube.apply(required('ServiceAccount'), { metadata: account }, options);
  const access = await (watched === undefined ? accessOf(service) : accessWithin(watched, service));
  for (const role of access.filter((object) => !isGuard(object))) {
    const { namespace = systemNamespace } = role.metadata;
    const metadata = { ...role.metadata, ...(role.kind === 'Role' ? { namespace } : {}) };
    await kube.apply(required(role.kind), { ...(role as object), metadata }, options);
    await kube.apply(
      required(`${role.kind}Binding`),
      {
        metadata,
        roleRef: { apiGroup: rbac, kind: role.kind, name: role.metadata.name },
        subjects: [{ kind: 'ServiceAccount', ...account }],
      } as never,
      options,
    );
  }
  const token = await requestToken(kube, account);
  await writeFile(path, kubeconfigText({ server, caPem, token }), { mode: 0o600 });
}

function required(name: string): Kind<KubeObject> {
  const found = kinds[name];
  if (!found) throw new Error(`the generated permissions hold an unexpected ${name}`);
  return found;
}

async function requestToken(
  kube: KubeClient,
  { name, namespace }: { name: string; namespace: string },
): Promise<string> {
  const { status, body } = await kube.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } },
  });
  if (status >= 300) throw new Error(`no token for ${namespace}/${name}: status ${status}`);
  return (body as { status: { token: string } }).status.token;
}

const kubeconfigText = ({ server, caPem, token }: { server: string; caPem: string; token: string }): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'lab', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } },
    ],
    users: [{ name: 'service', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'service' } }],
    'current-context': 'lab',
  });
