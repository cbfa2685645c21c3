import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kind, KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, UnauthorizedError, WorkloadClusters } from '../src/index.ts';
import { startControlPlane, type ControlPlane } from '@k0smotron/lab';
import { adminConfig, ConfigMap, makeNamespace, startApiServer, type ApiServer } from './api-server.ts';

const ServiceAccount: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
const Secret: Kind<KubeObject & { data?: unknown }> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};
const ClusterRoleBinding: Kind<KubeObject & { roleRef?: unknown; subjects?: unknown }> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
};

let server: ApiServer;
let other: ControlPlane;
let namespace: string;
let dir: string;
beforeAll(async () => {
  server = await startApiServer();
  other = await startControlPlane(server.lab);
  namespace = await makeNamespace(server, 'credentials');
  dir = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterAll(async () => {
  await server?.close();
  await rm(dir, { recursive: true, force: true });
});

/** Makes a service account that may do everything, and gives a token of it. */
async function tokenOf(name: string): Promise<string> {
  const { client } = server;
  await client.apply(ServiceAccount, { metadata: { namespace, name } }, { fieldManager: 'test' });
  const binding = {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  };
  await client.apply(ClusterRoleBinding, binding, { fieldManager: 'test' });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const answer = await client.request({ method: 'POST', path, body });
  return (answer.body as { status: { token: string } }).status.token;
}

/** A kubeconfig that names files in our folder. */
async function kubeconfigOf(user: object): Promise<string> {
  await writeFile(join(dir, 'ca.crt'), server.controlPlane.caPem);
  const path = join(dir, `config-${Object.keys(user).join('-')}`);
  await writeFile(
    path,
    JSON.stringify({
      'current-context': 'main',
      contexts: [{ name: 'main', context: { cluster: 'main', user: 'main' } }],
      clusters: [{ name: 'main', cluster: { server: server.controlPlane.url, 'certificate-authority': 'ca.crt' } }],
      users: [{ name: 'main', user }],
    }),
  );
  return path;
}

describe('credentials that change on disk', () => {
  it('are picked up when the old token is no longer accepted', async () => {
    const [first, second] = [await tokenOf('first'), await tokenOf('second')];
    await writeFile(join(dir, 'token'), first);
    const client = connectKube(await loadKubeConfig({ path: await kubeconfigOf({ tokenFile: 'token' }) }));
    await client.list(ConfigMap, { namespace });
    await writeFile(join(dir, 'token'), second);
    await server.client.remove(ServiceAccount, { namespace, name: 'first' });
    await client.list(ConfigMap, { namespace });
    await client.close();
  });

  it('are picked up in a pod, when the kubelet turns the mounted folder', async () => {
    const serviceAccountDir = join(dir, 'mounted');
    await mkdir(serviceAccountDir);
    /** As the kubelet does: a new folder, then the link to it is turned in one move. */
    const mount = async (version: string, token: string): Promise<void> => {
      await mkdir(join(serviceAccountDir, version));
      await writeFile(join(serviceAccountDir, version, 'token'), token);
      await writeFile(join(serviceAccountDir, version, 'ca.crt'), server.controlPlane.caPem);
      await writeFile(join(serviceAccountDir, version, 'namespace'), namespace);
      await symlink(version, join(serviceAccountDir, '..data_tmp'));
      await rename(join(serviceAccountDir, '..data_tmp'), join(serviceAccountDir, '..data'));
    };
    await mount('..1', await tokenOf('old-pod'));
    for (const file of ['token', 'ca.crt', 'namespace']) await symlink(`..data/${file}`, join(serviceAccountDir, file));
    const { hostname, port } = new URL(server.controlPlane.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const client = connectKube(await loadKubeConfig({ env, serviceAccountDir }));
    await client.list(ConfigMap, { namespace });
    await mount('..2', await tokenOf('new-pod'));
    await server.client.remove(ServiceAccount, { namespace, name: 'old-pod' });
    await client.list(ConfigMap, { namespace });
    await client.close();
  });

  it('replace a client certificate only when its key fits', async () => {
    const good = await adminConfig(server);
    const wrong = await loadKubeConfig({ path: other.kubeconfigPath });
    const write = (file: string, text = ''): Promise<void> => writeFile(join(dir, file), text);
    await write('client.crt', wrong.clientCertPem);
    await write('client.key', wrong.clientKeyPem);
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const client = connectKube(await loadKubeConfig({ path: await kubeconfigOf(user) }));
    await expect(client.list(ConfigMap, { namespace })).rejects.toBeInstanceOf(UnauthorizedError);
    await write('client.crt', good.clientCertPem);
    await expect(client.list(ConfigMap, { namespace })).rejects.toBeInstanceOf(UnauthorizedError);
    await write('client.key', good.clientKeyPem);
    await client.list(ConfigMap, { namespace });
    await client.close();
  });
});

describe('workload clusters', () => {
  it('follow their kubeconfig Secret, to another server and another CA', async () => {
    const cluster = { namespace, name: 'demo' };
    const point = async (path: string): Promise<void> => {
      const value = (await readFile(path)).toString('base64');
      const intent = { metadata: { namespace, name: 'demo-kubeconfig' }, data: { value } };
      await server.client.apply(Secret, intent, { fieldManager: 'test' });
    };
    const clusters = new WorkloadClusters({ management: server.client });
    expect(await clusters.client(cluster)).toBeUndefined();

    await point(server.controlPlane.kubeconfigPath);
    const first = await clusters.client(cluster);
    await first?.create(ConfigMap, { metadata: { namespace, name: 'here' } });
    expect(await clusters.client(cluster)).toBe(first);

    await point(other.kubeconfigPath);
    clusters.forget(cluster);
    const second = await clusters.client(cluster);
    expect(second).not.toBe(first);
    expect(await second?.get(ConfigMap, { namespace, name: 'here' })).toBeUndefined();
    await clusters.close();
  });
});
