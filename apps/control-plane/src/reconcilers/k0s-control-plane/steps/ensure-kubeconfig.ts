import { labels, Secret } from '@k0smotron/api';
import { controllerRef, done, waitingOn } from '@k0smotron/core';
import { adminKubeconfig, kubeconfigSecretName, renewalDue } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { clientCertificateOf } from '../../../secrets/client-certificate-of.ts';
import { fieldManager } from '../../../names.ts';
import { clusterOf, type ControlPlaneScope } from '../scope.ts';

/** `<cluster>-kubeconfig`, made once the endpoint is known and made anew when half of its certificate's life is over (CP-13). */
export const ensureKubeconfig: Step<ControlPlaneScope> = {
  name: 'ensure kubeconfig',

  async run(scope, signal) {
    const { run, clusterKey, plane } = scope;
    const { host, port } = clusterOf(scope).spec.controlPlaneEndpoint ?? {};
    if (!host || !port) {
      scope.found.hold =
        'Cluster spec.controlPlaneEndpoint is not set: the user or the infrastructure provider sets it';
      return waitingOn('Cluster spec.controlPlaneEndpoint');
    }

    const key = { namespace: clusterKey.namespace, name: kubeconfigSecretName(clusterKey.name) };
    const stored = await run.kube.get(Secret, key, signal);
    const certificate = clientCertificateOf(stored?.data?.['value']);
    if (certificate && !renewalDue(certificate, run.clock.now())) return done;

    const ca = scope.found.certificates?.ca;
    if (!ca) throw new Error('the step needs the certificates to be ensured first');
    const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const kubeconfig = await adminKubeconfig(ca, { clusterName: clusterKey.name, server, now: run.clock.now() });
    const data = { value: Buffer.from(kubeconfig, 'utf8').toString('base64') };
    if (stored) {
      await run.kube.patch(
        Secret,
        key,
        { type: 'merge', body: { metadata: { uid: stored.metadata.uid }, data } },
        { fieldManager },
        signal,
      );
      run.event('Normal', 'KubeconfigRenewed', `Secret ${key.name} has a new client certificate`);
      return done;
    }
    const { kubeconfigSecretMetadata } = plane.spec;
    await run.kube.create(
      Secret,
      {
        metadata: {
          ...key,
          labels: { ...kubeconfigSecretMetadata?.labels, [labels.clusterName]: clusterKey.name },
          ...(kubeconfigSecretMetadata?.annotations ? { annotations: kubeconfigSecretMetadata.annotations } : {}),
          ownerReferences: [controllerRef(plane)],
        },
        type: 'cluster.x-k8s.io/secret',
        data,
      },
      { fieldManager },
      signal,
    );
    return done;
  },
};
