import { describe, expect, it } from '@jest/globals';
import { type Cluster, finalizers, type K0sWorkerConfig, type Machine, Secret } from '@k0smotron/api';
import { aWorld, noSignal, type World } from '../../testing/a-world.ts';
import { joinTokenAnnotation } from '../names.ts';
import { reconcileConfig } from './bootstrap-steps.ts';
import type { ConfigScope } from './scope.ts';
import { workerData } from './worker-config/worker-data.ts';

const ca = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'ns', name: 'c-ca' },
  data: { 'tls.crt': Buffer.from('CERT').toString('base64'), 'tls.key': Buffer.from('KEY').toString('base64') },
};
const dataKey = { namespace: 'ns', name: 'w' };
const reconcile = (scope: World['scope']) =>
  reconcileConfig(scope as ConfigScope<K0sWorkerConfig>, workerData, noSignal);

/** As core leaves a Machine once there is data for it. */
const withData = (machine: Machine | undefined): Machine =>
  ({
    ...machine,
    spec: { ...machine?.spec, bootstrap: { ...machine?.spec.bootstrap, dataSecretName: 'w' } },
  }) as Machine;

describe('the bootstrap data of a worker', () => {
  it('writes down which token it is about to mint before it mints it', async () => {
    const { scope, management, workload, run } = await aWorld({ others: [ca] });
    workload.failNext('create', new Error('crash'));
    await expect(reconcile(scope)).rejects.toThrow('crash');
    expect(management.calls.map(({ verb, what }) => `${verb} ${what}`)).toContain('patch K0sWorkerConfig');
    expect(await management.get(Secret, dataKey)).toBeUndefined();
    expect(run.finalizers.has(finalizers.joinToken)).toBe(true);
  });

  it('mints one token, however often it is interrupted', async () => {
    const { scope, management, workload, again } = await aWorld({ others: [ca] });
    management.failNext('create', new Error('crash'), 'Secret');
    await expect(reconcile(scope)).rejects.toThrow('crash');
    await reconcile(await again());
    const tokens = await workload.list(Secret, { namespace: 'kube-system' });
    expect(tokens.length).toBe(1);
    const recorded = (await again()).config.metadata.annotations?.[joinTokenAnnotation];
    expect(tokens[0]?.metadata.name).toBe(`bootstrap-token-${recorded}`);
    expect(await management.get(Secret, dataKey)).toBeDefined();
  });

  it('takes the Secret of an interrupted run as it is', async () => {
    const { scope, workload, management, again } = await aWorld({ others: [ca] });
    await reconcile(scope);
    const before = await management.get(Secret, dataKey);
    workload.calls.length = 0;
    const next = await again(); // its status was never written
    await reconcile(next);
    expect(await management.get(Secret, dataKey)).toEqual(before);
    expect(next.run.status).toMatchObject({ dataSecretName: 'w', initialization: { dataSecretCreated: true } });
    expect(workload.calls.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  it('gives the Secret its owner back, which is looked for once, and again after a pause', async () => {
    const { scope, management, again } = await aWorld({ others: [ca] });
    await reconcile(scope);
    const owners = async () => (await management.get(Secret, dataKey))?.metadata.ownerReferences;
    const wanted = await owners();
    const loseOwner = () =>
      management.patch(Secret, dataKey, { type: 'merge', body: { metadata: { ownerReferences: null } } });
    const made = async () => {
      const next = await again();
      return { ...next, machine: withData(next.machine) };
    };
    await loseOwner();
    await reconcile(await made());
    expect(await owners()).toEqual(wanted);

    await loseOwner();
    management.calls.length = 0;
    await reconcile(await made());
    expect(management.calls.filter(({ what }) => what === 'Secret')).toEqual([]);
    const next = await made();
    await reconcile({
      ...next,
      cluster: { ...next.cluster, spec: { ...next.cluster?.spec, paused: true } } as Cluster,
    });
    await reconcile(await made());
    expect(await owners()).toEqual(wanted);
  });

  it('leaves a Secret alone that is no bootstrap data', async () => {
    const opaque = { apiVersion: 'v1', kind: 'Secret', metadata: { ...dataKey }, type: 'Opaque' };
    const { scope, management } = await aWorld({ others: [opaque] });
    await reconcile({ ...scope, machine: withData(scope.machine) });
    expect((await management.get(Secret, dataKey))?.metadata.ownerReferences).toBeUndefined();
  });

  it('makes nothing for a config that is being deleted, and takes its token along', async () => {
    const { scope, workload, again, management } = await aWorld({ others: [ca] });
    await reconcile(scope);
    await management.remove(Secret, dataKey);
    const next = await again();
    const deleted = {
      ...next.config,
      metadata: { ...next.config.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    await reconcile({ ...next, config: deleted });
    expect(await workload.list(Secret, { namespace: 'kube-system' })).toEqual([]);
    expect(await management.get(Secret, dataKey)).toBeUndefined();
  });

  it('waits, and says for what, while the cluster has no control plane', async () => {
    const { scope, run } = await aWorld({ clusterStatus: { initialization: { infrastructureProvisioned: true } } });
    expect((await reconcile(scope)).kind).toBe('waiting');
    expect(run.conditions.get('DataSecretAvailable')).toMatchObject({
      status: 'False',
      reason: 'WaitingForControlPlaneInitialization',
    });
  });
});
