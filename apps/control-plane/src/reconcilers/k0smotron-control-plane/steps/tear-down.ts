import { K0smotronCluster } from '@k0smotron/api';
import { done, isDeleting, waitingOn } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { controlPlaneFinalizer } from '../../../hosted/names.ts';
import { isOurs, type HostedControlPlaneScope } from '../scope.ts';

/** The hosted Cluster goes first; core has seen to it that no worker is left. */
export const tearDown: Step<HostedControlPlaneScope> = {
  name: 'tear down',

  async run(scope, signal) {
    const { run, hosted, clusterKey } = scope;
    if (hosted && isOurs(scope)) {
      const { uid } = hosted.metadata;
      if (!isDeleting(hosted)) await run.kube.remove(K0smotronCluster, clusterKey, { uid }, signal);
      const why = hosted.status?.conditions?.find(({ type }) => type === 'Deleting')?.message;
      const message = why || 'Waiting for the pods to go';
      run.report({ type: 'Deleting', status: 'True', reason: 'Deleting', message });
      return waitingOn('the hosted Cluster to go');
    }
    await run.releaseFinalizer(controlPlaneFinalizer);
    return done;
  },
};
