import { describe, expect, it } from '@jest/globals';
import { aPlane, noSignal } from '../../../testing/a-plane.ts';
import { reconcileControlPlane } from './reconcile.ts';

describe('a control plane whose Cluster is being deleted', () => {
  it('makes no more controllers and says why', async () => {
    const { run, scope, management } = aPlane({ spec: { replicas: 3 }, clusterDeleting: true });
    const before = management.calls.length;
    expect((await reconcileControlPlane(run, scope, noSignal)).kind).toBe('waiting');
    expect(management.calls.slice(before)).toEqual([]);
    expect(run.conditions.get('ScalingUp')?.message).toMatch(/the Cluster is being deleted$/);
  });

  it('goes on while it is not: the same plane begins with what machines stand on', async () => {
    const { run, scope, management } = aPlane({ spec: { replicas: 3 } });
    await reconcileControlPlane(run, scope, noSignal).catch(() => undefined);
    expect(management.calls.map(({ verb, what }) => `${verb} ${what}`)).toContain('get CustomResourceDefinition');
  });
});
