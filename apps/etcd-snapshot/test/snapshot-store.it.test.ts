import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CustomResourceDefinition, Secret, SnapshotStore } from '@k0smotron/api';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { claimPort, openLab, startControlPlane, startProcess, startS3, type Lab, type S3Server } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';

const root = join(import.meta.dirname, '../../..');
const namespace = 'default';
const patience = { timeoutMs: 110_000, everyMs: 200 };

describe('the snapshot service on a real API server', () => {
  let lab: Lab;
  let kube: KubeClient;
  let s3: S3Server;
  let storeDir: string;

  beforeAll(async () => {
    lab = await openLab();
    s3 = await startS3(lab);
    const { kubeconfigPath } = await startControlPlane(lab);
    kube = connectKube(await loadKubeConfig({ path: kubeconfigPath }));
    await installSnapshotStores(kube);
    storeDir = join(lab.dir, 'stores');
    await startProcess(lab, {
      name: 'etcd-snapshot-service',
      command: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        join(root, 'apps/etcd-snapshot/src/main.ts'),
        `--kubeconfig=${kubeconfigPath}`,
        `--store-dir=${storeDir}`,
        `--health-addr=127.0.0.1:${await claimPort(lab)}`,
        '--diagnostics-address=0',
      ],
      env: { POD_NAMESPACE: namespace },
    });
  }, 180_000);
  afterAll(async () => {
    await kube?.close();
    await lab?.close();
  });

  const create = async (name: string, spec: object): Promise<void> => {
    await kube.create(SnapshotStore, { metadata: { namespace, name }, spec }, { fieldManager: 'test' });
  };
  const expectConditions = (name: string, wanted: Readonly<Record<string, string>>): Promise<void> =>
    eventually(async () => {
      const { status } = (await kube.get(SnapshotStore, { namespace, name })) ?? {};
      const seen = status?.conditions?.map(({ type, reason }) => [type, reason]) ?? [];
      expect(Object.fromEntries(seen)).toMatchObject(wanted);
    }, patience);

  it('finds an S3 bucket ready once its credentials are there', async () => {
    const { endpoint, bucket } = s3;
    const credentialsRef = { name: 'keys' };
    await create('bucket', { s3: { endpoint, bucket, pathStyle: true, credentialsRef } });
    await expectConditions('bucket', { Ready: 'CredentialsMissing' });
    const data = { accessKeyId: btoa('tester'), secretAccessKey: btoa('not-secret') };
    await kube.create(Secret, { metadata: { namespace, name: 'keys' }, data }, { fieldManager: 'test' });
    await expectConditions('bucket', { Ready: 'Ready', ConditionalPuts: 'Supported' });
  });

  it('finds a folder below its own ready, and leaves nothing in it', async () => {
    await create('folder', { directory: { path: 'a/b' } });
    await expectConditions('folder', { Ready: 'Ready', ConditionalPuts: 'Supported' });
    const left = await readdir(join(storeDir, 'a/b'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  it('says what is wrong with a store', async () => {
    await create('outside', { directory: { path: '../b' } });
    await create('volume', { persistentVolumeClaim: { claimName: 'c' } });
    await create('sealed', { directory: { path: 'c' }, encryption: { recipients: ['age1nonsense'] } });
    await expectConditions('outside', { Ready: 'InvalidPath' });
    await expectConditions('volume', { Ready: 'NotSupported' });
    await expectConditions('sealed', { Ready: 'InvalidRecipient' });
  });
});

async function installSnapshotStores(kube: KubeClient): Promise<void> {
  const file = join(root, 'deploy/providers/etcd-snapshot/crds/etcd.k0smotron.io_snapshotstores.yaml');
  const { metadata, spec } = load(await readFile(file, 'utf8')) as CustomResourceDefinition;
  await kube.apply(CustomResourceDefinition, { metadata: { name: metadata.name }, spec }, { fieldManager: 'test' });
  await eventually(async () => {
    const { status } = (await kube.get(CustomResourceDefinition, { name: metadata.name })) ?? {};
    expect(status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')).toBe(true);
  }, patience);
}
