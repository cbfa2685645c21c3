import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aHostedPlane, givenCertificates } from '../../../../testing/a-hosted-plane.ts';

const node = (name: string, born: string, ...addresses: readonly (readonly [string, string])[]): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, creationTimestamp: born },
  status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
});
const nodePort = { externalAddress: undefined, service: { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 } };
const host = 'k0smotron.io/endpoint-host';

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

describe('the endpoint of a hosted Cluster', () => {
  it('is an address of a node, from outside if there is one, and stays when that node goes', async () => {
    const inside = node('a', '2026-01-01T00:00:00Z', ['InternalIP', '10.0.0.1']);
    const outside = node('b', '2026-01-02T00:00:00Z', ['InternalIP', '10.0.0.2'], ['ExternalIP', '203.0.113.2']);
    const stored = [...(await givenCertificates()), inside, outside];
    const world = aHostedPlane({ spec: nodePort, stored });
    await world.reconcile();
    expect((await world.cluster())?.metadata.annotations).toMatchObject({ [host]: '203.0.113.2' });
    await world.management.remove(
      { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
      { name: 'b' },
    );
    await world.reconcile();
    expect((await world.cluster())?.metadata.annotations).toMatchObject({ [host]: '203.0.113.2' });
  });

  it('is waited for where no node has an address', async () => {
    const { run, writes } = await aHostedPlane({ spec: nodePort, stored: await givenCertificates() }).reconcile();
    expect(run.conditions.get('ControlPlaneExposed')).toMatchObject({ status: 'False', reason: 'NotExposed' });
    expect(writes).toEqual(['apply Service ns/kmc-c-nodeport']);
  });

  it('is the address of the load balancer once it has one', async () => {
    const service = { ...nodePort.service, type: 'LoadBalancer' };
    const world = aHostedPlane({ spec: { ...nodePort, service }, stored: await givenCertificates() });
    const { run } = await world.reconcile();
    expect(run.conditions.get('ControlPlaneExposed')?.message).toMatch(/load balancer for Service kmc-c-lb/);
    const kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };
    const stored = await world.management.get(kind, { namespace: 'ns', name: 'kmc-c-lb' });
    world.management.seed({ ...stored, status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } } as never);
    await world.reconcile();
    expect((await world.cluster())?.metadata.annotations).toMatchObject({ [host]: '203.0.113.9' });
  });
});
