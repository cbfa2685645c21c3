import { describe, expect, it } from '@jest/globals';
import { annotations, K0sControllerConfig } from '@k0smotron/api';
import { aPlane, noSignal, type Plane } from '../../../../testing/a-plane.ts';
import { letJoinersIn } from './let-joiners-in.ts';

const begun = { configAnnotations: { [annotations.joinFrom]: 'none' } };
const joiner = { provisioned: false };
const invited = async ({ management }: Plane): Promise<string | undefined> =>
  (await management.get(K0sControllerConfig, { namespace: 'ns', name: 'c-1' }))?.metadata.annotations?.[
    annotations.joinFrom
  ];

describe('letting a controller in', () => {
  it('waits until another one answers', async () => {
    const plane = aPlane({ controllers: [{ ...begun, ready: false }, joiner] });
    await letJoinersIn.run(plane.scope, noSignal);
    expect(plane.scope.found.hold).toBe('c-1 cannot join: no other controller answers yet');
    expect(await invited(plane)).toBeUndefined();
  });

  it('waits while a member of etcd is not well, and says which', async () => {
    const plane = aPlane({ controllers: [begun, joiner, { ...begun, ready: false }] });
    await letJoinersIn.run(plane.scope, noSignal);
    expect(plane.scope.found.hold).toMatch(/^c-1 cannot join: 1 of 2 etcd members are healthy: c-2/);
    expect(await invited(plane)).toBeUndefined();
  });

  it('waits until both hosts can be asked', async () => {
    const plane = aPlane({ controllers: [begun, joiner] });
    await letJoinersIn.run(plane.scope, noSignal);
    expect(plane.scope.found.hold).toMatch(/^c-1 cannot join yet: RemoteMachine c-\d has no host yet$/);
    expect(await invited(plane)).toBeUndefined();
  });

  it('does nothing before the cluster lives', async () => {
    const plane = aPlane({ controllers: [begun, joiner], status: { initialization: {} } });
    await letJoinersIn.run(plane.scope, noSignal);
    expect(plane.management.calls).toEqual([]);
  });
});
