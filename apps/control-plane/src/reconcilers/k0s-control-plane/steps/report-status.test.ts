import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../../../../testing/a-plane.ts';
import { reportStatus } from './report-status.ts';

describe('the status of a control plane', () => {
  it('counts a controller without kubelet as ready when its API server and member are', () => {
    const { scope, run } = aPlane({ controllers: [{}, {}, { ready: false }] });
    reportStatus(scope);
    expect(run.status).toMatchObject({
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 2,
      upToDateReplicas: 3,
      version: 'v1.34.4+k0s.0',
      versions: [{ version: 'v1.34.4+k0s.0', replicas: 3 }],
    });
    expect(run.conditions.get('EtcdClusterHealthy')).toMatchObject({
      status: 'False',
      message: '2 of 3 members are healthy',
    });
    expect(run.conditions.get('Available')?.status).toBe('True');
  });

  it('writes every counter as a number before any host was seen', () => {
    const { scope, run } = aPlane({ controllers: [], spec: { replicas: 1 }, status: { initialization: {} } });
    delete scope.found.seen;
    scope.found.hold = 'the infrastructure of the Cluster is not provisioned yet';
    reportStatus(scope);
    expect(run.status).toMatchObject({ replicas: 0, readyReplicas: 0, availableReplicas: 0, upToDateReplicas: 0 });
    expect(run.conditions.get('ScalingUp')?.message).toBe(
      '0 of 1 controllers run: the infrastructure of the Cluster is not provisioned yet',
    );
  });

  it('lists the oldest version first and spells all of them as the spec does', () => {
    const controllers = [{ version: 'v1.34.4' }, { version: 'v1.33.1+k0s.0' }];
    const { scope, run } = aPlane({ controllers });
    reportStatus(scope);
    expect(run.status.versions).toEqual([
      { version: 'v1.33.1+k0s.0', replicas: 1 },
      { version: 'v1.34.4+k0s.0', replicas: 1 },
    ]);
    expect(run.status.version).toBe('v1.33.1+k0s.0');
    expect(run.status.upToDateReplicas).toBe(1);
  });

  it('is not available while the endpoint does not answer, and says so', () => {
    const { scope, run } = aPlane();
    scope.found.endpoint = { problem: 'the API does not answer at the endpoint of the Cluster yet' };
    reportStatus(scope);
    expect(run.conditions.get('Available')).toMatchObject({
      status: 'False',
      message: 'the API does not answer at the endpoint of the Cluster yet',
    });
  });

  it('says what keeps a controller from joining although all Machines exist', () => {
    const { scope, run } = aPlane({ controllers: [{}, { provisioned: false }] });
    scope.found.hold = 'c-1 cannot join yet: closed';
    reportStatus(scope);
    expect(run.conditions.get('ScalingUp')).toMatchObject({
      status: 'True',
      message: '1 of 2 controllers run: c-1 cannot join yet: closed',
    });
  });
});
