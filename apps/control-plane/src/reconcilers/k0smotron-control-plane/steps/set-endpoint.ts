import { annotations, Cluster } from '@k0smotron/api';
import { done, waitingOn } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { endpointOf } from '../../../hosted/endpoint.ts';
import { fieldManager } from '../../../names.ts';
import type { HostedControlPlaneScope } from '../scope.ts';

/** Tells Cluster API where the API is and which cluster answers there, each once. */
export const setEndpoint: Step<HostedControlPlaneScope> = {
  name: 'set endpoint',

  async run({ run, cluster, hosted, clusterKey }, signal) {
    if (!cluster || !hosted) return waitingOn('the hosted Cluster');
    const endpoint = endpointOf(hosted);
    if (!endpoint) return waitingOn('the address of the hosted Cluster');
    const id = hosted.metadata.annotations?.[annotations.clusterId];
    const spec = cluster.spec.controlPlaneEndpoint?.host ? {} : { spec: { controlPlaneEndpoint: endpoint } };
    const known = cluster.metadata.annotations?.[annotations.clusterId] === id;
    const identity = known ? {} : { annotations: { [annotations.clusterId]: id } };
    if (known && !spec.spec) return done;
    const body = { metadata: { uid: cluster.metadata.uid, ...identity }, ...spec };
    const patch = { type: 'merge', body } as const;
    run.expectWritten(await run.kube.patch(Cluster, clusterKey, patch, { fieldManager }, signal));
    return done;
  },
};
