import { Cluster, K0smotronControlPlane } from '@k0smotron/api';
import { apiVersionOf } from '@k0smotron/core';
import { expect, it } from '@jest/globals';
import { aHostedPlane } from '../../../testing/a-hosted-plane.ts';

const clusterApis = {
  apiVersion: apiVersionOf(Cluster),
  kind: Cluster.kind,
  metadata: { name: 'c', namespace: 'ns' },
  spec: { paused: true },
};
const { kind } = K0smotronControlPlane;
const ownerReferences = [{ apiVersion: apiVersionOf(K0smotronControlPlane), kind, name: 'c', uid: 'u' }];

it('is paused with the Cluster of Cluster API that it was made for', async () => {
  const world = aHostedPlane({ metadata: { ownerReferences }, stored: [clusterApis] });
  const { run, writes } = await world.reconcile();
  expect(run.conditions.get('Paused')).toMatchObject({ status: 'True' });
  expect(writes).toEqual([]);
});
