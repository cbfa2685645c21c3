import { describe, expect, it } from '@jest/globals';
import { ClusterConfig } from '@k0smotron/api';
import { InvalidError, UnreachableError } from '@k0smotron/kube';
import { aPlane, noSignal, type Plane } from '../../../../testing/a-plane.ts';
import { ensureSharedConfig } from './ensure-shared-config.ts';

const key = { namespace: 'kube-system', name: 'k0s' };
const live = (spec: object) => ({
  apiVersion: 'k0s.k0sproject.io/v1beta1',
  kind: 'ClusterConfig',
  metadata: key,
  spec,
});
const spec = { k0sConfigSpec: { k0s: { spec: { network: { provider: 'custom' }, storage: { type: 'etcd' } } } } };
const specOf = async ({ workload }: Plane) => (await workload.get(ClusterConfig, key))?.spec;
const writes = ({ workload }: Plane) => workload.calls.filter(({ verb }) => verb === 'apply').length;

describe('the configuration that controllers share', () => {
  it('is given to the running cluster, without what belongs to one node', async () => {
    const plane = aPlane({ spec, workload: [live({ network: { provider: 'kuberouter' } })] });
    await ensureSharedConfig.run(plane.scope, noSignal);
    expect(await specOf(plane)).toMatchObject({ network: { provider: 'custom' } });
    expect(await specOf(plane)).not.toHaveProperty('storage');
    expect(plane.run.conditions.get('SharedConfigApplied')?.status).toBe('True');
  });

  it('is written once, and again when somebody else changed it', async () => {
    const plane = aPlane({ spec, workload: [live({})] });
    await ensureSharedConfig.run(plane.scope, noSignal);
    await ensureSharedConfig.run(plane.again(), noSignal);
    expect(writes(plane)).toBe(1);
    await plane.workload.patch(ClusterConfig, key, {
      type: 'merge',
      body: { spec: { network: { provider: 'calico' } } },
    });
    await ensureSharedConfig.run(plane.again(), noSignal);
    expect(await specOf(plane)).toMatchObject({ network: { provider: 'custom' } });
  });

  it('costs no request while a look is remembered', async () => {
    const plane = aPlane({ spec, workload: [live({})] });
    await ensureSharedConfig.run(plane.scope, noSignal);
    plane.workload.calls.length = 0;
    const next = plane.again();
    next.found.remembered = true;
    await ensureSharedConfig.run(next, noSignal);
    expect(plane.workload.calls).toEqual([]);
  });

  it('shows what the cluster refuses, and blocks nothing', async () => {
    const plane = aPlane({ spec, workload: [live({})] });
    plane.workload.failNext('apply', new InvalidError(422, 'Invalid', 'spec.network.provider: no'));
    expect((await ensureSharedConfig.run(plane.scope, noSignal)).kind).toBe('done');
    expect(plane.run.conditions.get('SharedConfigApplied')).toMatchObject({ status: 'False', reason: 'Refused' });
  });

  it('is tried again soon when the cluster did not take it, though the look is remembered', async () => {
    const plane = aPlane({ spec, workload: [live({})] });
    plane.workload.failNext('apply', new UnreachableError('no answer'));
    await ensureSharedConfig.run(plane.scope, noSignal);
    expect(plane.scope.found.configNotTaken).toBe(true);
    const next = plane.again();
    next.found.remembered = true;
    await ensureSharedConfig.run(next, noSignal);
    expect(await specOf(plane)).toMatchObject({ network: { provider: 'custom' } });
    expect(next.found.configNotTaken).toBeUndefined();
  });

  it('says that k0s runs without dynamic configuration', async () => {
    const plane = aPlane({ spec });
    await ensureSharedConfig.run(plane.scope, noSignal);
    expect(plane.run.conditions.get('SharedConfigApplied')).toMatchObject({ status: 'False', reason: 'NotFound' });
  });
});
