import { K0smotronCluster, labels, type Cluster } from '@k0smotron/api';
import { controllerRef, done, TerminalError, waitingOn, type Intent } from '@k0smotron/core';
import { intentHash } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import { appliedHashAnnotation } from '../../../hosted/names.ts';
import { fieldManager } from '../../../names.ts';
import { isOurs, type HostedControlPlaneScope } from '../scope.ts';
import { withNetworkOf } from '../with-network-of.ts';

/** The hosted Cluster has the name of Cluster API's and our spec, with the Cluster's networks; the rest is its controller's. */
export const ensureHostedCluster: Step<HostedControlPlaneScope> = {
  name: 'ensure hosted cluster',

  async run(scope, signal) {
    const { run, hosted, cluster, clusterKey } = scope;
    if (!cluster) return waitingOn('the Cluster');
    if (hosted && !isOurs(scope)) {
      const message = `Cluster.k0smotron.io ${clusterKey.name} belongs to somebody else: rename it or this Cluster`;
      throw new TerminalError('ClusterExists', message);
    }
    const intent = intentOf(scope, cluster);
    const hash = intentHash(intent);
    if (hosted?.metadata.annotations?.[appliedHashAnnotation] === hash) return done;
    const annotations = { ...intent.metadata.annotations, [appliedHashAnnotation]: hash };
    const metadata = { ...intent.metadata, annotations, ...(hosted && { uid: hosted.metadata.uid }) };
    run.expectWritten(await run.kube.apply(K0smotronCluster, { ...intent, metadata }, { fieldManager }, signal));
    return done;
  },
};

/** What v1beta1 said of the Service stands in annotations, which the hosted Cluster's controller reads there. */
const carried = 'k0smotron.io/conversion-dropped-service.';

function intentOf({ controlPlane, clusterKey }: HostedControlPlaneScope, cluster: Cluster) {
  const { spec, metadata } = controlPlane;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(carried));
  return {
    metadata: {
      ...clusterKey,
      labels: { ...metadata.labels, [labels.clusterName]: clusterKey.name },
      annotations: Object.fromEntries(annotations),
      ownerReferences: [controllerRef(controlPlane)],
    },
    spec: { ...spec, k0sConfig: withNetworkOf(spec.k0sConfig, cluster) },
  } as Intent<K0smotronCluster>;
}
