import { describe, expect, it } from '@jest/globals';
import { annotations, type K0sControllerConfig } from '@k0smotron/api';
import { aWorld, type WorldOptions } from '../../../testing/a-world.ts';
import type { ConfigScope } from '../scope.ts';
import { controllerRole } from './controller-role.ts';

const ours = { controlPlaneRef: { kind: 'K0sControlPlane', name: 'c' } };
const notYet = { initialization: { infrastructureProvisioned: true } };
const told = (joinFrom: string) => ({ [annotations.joinFrom]: joinFrom });
const older = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Machine',
  metadata: {
    namespace: 'ns',
    name: 'older',
    uid: 'older',
    creationTimestamp: '2020-01-01T00:00:00Z',
    labels: { 'cluster.x-k8s.io/control-plane': '' },
  },
  spec: { clusterName: 'c' },
};

const cases: readonly { given: string; options: WorldOptions; role: object }[] = [
  {
    given: 'the control plane lets it begin',
    options: { annotations: told('none'), clusterSpec: ours, clusterStatus: notYet },
    role: { kind: 'first' },
  },
  {
    given: 'it was to begin a cluster that lives already',
    options: { annotations: told('none'), clusterSpec: ours },
    role: { kind: 'wait' },
  },
  {
    given: 'the control plane names a sponsor',
    options: { annotations: told('192.0.2.7'), clusterSpec: ours },
    role: { kind: 'joins', host: '192.0.2.7' },
  },
  {
    given: 'the control plane has said nothing yet',
    options: { clusterSpec: ours, clusterStatus: notYet },
    role: { kind: 'wait' },
  },
  { given: 'another provider, and it is the oldest', options: { clusterStatus: notYet }, role: { kind: 'first' } },
  {
    given: 'another provider, and there is an older one',
    options: { clusterStatus: notYet, others: [older] },
    role: { kind: 'wait' },
  },
  { given: 'another provider, and the cluster lives', options: {}, role: { kind: 'joins', host: '192.0.2.1' } },
];

describe('the role of a controller', () => {
  it.each(cases)('is right when $given', async ({ options, role }) => {
    const { scope } = await aWorld({ role: 'controller', ...options });
    expect(controllerRole(scope as ConfigScope<K0sControllerConfig>)).toMatchObject(role);
  });
});
