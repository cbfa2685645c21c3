import { done, TerminalError, waitingOn } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { endpointOf } from '../../../hosted/endpoint.ts';
import { reportWaiting } from '../report.ts';
import type { JoinTokenRequestScope } from '../scope.ts';

/** A token needs a Cluster whose API can be named. */
export const observeCluster: Step<JoinTokenRequestScope> = {
  name: 'observe cluster',

  run: ({ run, request, cluster, clusterKey }) => {
    if (request.spec.role === 'controller') {
      const message = 'controllers of a hosted cluster are pods: write role worker, or raise replicas of the Cluster';
      return Promise.reject(new TerminalError('NotSupported', message));
    }
    if (!cluster) {
      reportWaiting(run, 'WaitingForCluster', `Cluster ${clusterKey.name} of ${clusterKey.namespace} to be there`);
      return Promise.resolve(waitingOn(`Cluster ${clusterKey.name}`));
    }
    if (!endpointOf(cluster)) {
      reportWaiting(run, 'WaitingForCluster', `the address of Cluster ${clusterKey.name}`);
      return Promise.resolve(waitingOn('the address of the Cluster'));
    }
    return Promise.resolve(done);
  },
};
