import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RemoteMachine } from '@k0smotron/api';
import { openLab, startControlPlane, type ControlPlane, type Lab } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { conditionOf } from '../cluster/lab-cluster.ts';
import { applyManifests } from '../cluster/apply.ts';
import { ensureBundles } from '../demo/ensure-bundles.ts';
import { startSystem, type System } from './start-system.ts';

/** An address of this host that is not loopback, as a cluster in containers would have to use. */
const webhookHost =
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1';

const remoteMachine = {
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
  kind: 'RemoteMachine',
  metadata: { name: 'old', namespace: 'default' },
  spec: { address: '192.0.2.1', sshKeyRef: { name: 'no-such-key' }, customCleanUpCommands: ['true'] },
};
const cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'given', namespace: 'default' },
  spec: {
    clusterNetwork: { serviceDomain: 'cluster.local' },
    infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteCluster', name: 'given' },
  },
};

describe('a management cluster that is given', () => {
  const before = { ...process.env };
  let owner: Lab;
  let controlPlane: ControlPlane;
  let system: System | undefined;

  /** What a cluster holds, apart from what Kubernetes itself keeps writing. */
  const picture = async (): Promise<string[]> => {
    const kinds =
      'namespaces,clusterroles,clusterrolebindings,customresourcedefinitions,validatingadmissionpolicies,' +
      'validatingadmissionpolicybindings,mutatingwebhookconfigurations,validatingwebhookconfigurations';
    const global = await controlPlane.kubectl('get', kinds, '-o', 'name');
    const local = await controlPlane.kubectl(
      'get',
      'secrets,configmaps,serviceaccounts',
      '-n',
      'default',
      '-o',
      'name',
    );
    return `${global}${local}`.trim().split('\n').sort();
  };

  beforeAll(async () => {
    await ensureBundles();
    owner = await openLab();
    controlPlane = await startControlPlane(owner, { controllerManager: true });
    process.env['K0SMOTRON_E2E_KUBECONFIG'] = controlPlane.kubeconfigPath;
  }, 240_000);
  afterAll(async () => {
    for (const name of ['K0SMOTRON_E2E_KUBECONFIG', 'K0SMOTRON_WEBHOOK_HOST']) delete process.env[name];
    Object.assign(process.env, before);
    await system?.close();
    await owner.close();
  }, 120_000);

  it('is not used before it is known how it reaches this host', async () => {
    delete process.env['K0SMOTRON_WEBHOOK_HOST'];
    await expect(startSystem()).rejects.toThrow(/K0SMOTRON_WEBHOOK_HOST must say/);
  });

  it('gets Cluster API core and our services, which work on it, and is left as it was found', async () => {
    process.env['K0SMOTRON_WEBHOOK_HOST'] = webhookHost;
    const found = await picture();
    system = await startSystem();
    expect(system.controlPlane.url).toBe(controlPlane.url);

    await applyManifests(system, [cluster, remoteMachine]);
    // Stored as v1beta2, so the conversion webhook was reached at the address that we gave.
    const stored = await system.kube.get(RemoteMachine, { namespace: 'default', name: 'old' });
    expect(stored?.spec.cleanUpCommands).toEqual(['true']);
    await eventually(async () => {
      const seen = await system?.kube.get(RemoteMachine, { namespace: 'default', name: 'old' });
      expect(conditionOf(seen, 'Ready')?.status).toBe('False');
    });
    // Core's admission answers at that address too.
    const wrong = { ...cluster, spec: { ...cluster.spec, clusterNetwork: { pods: { cidrBlocks: ['nonsense'] } } } };
    await expect(applyManifests(system, [wrong])).rejects.toThrow(/nonsense/);

    await expect(startSystem()).rejects.toThrow(/give a management cluster without k0smotron/);
    await system.close();
    system = undefined;
    expect(await picture()).toEqual(found);
  }, 180_000);
});
