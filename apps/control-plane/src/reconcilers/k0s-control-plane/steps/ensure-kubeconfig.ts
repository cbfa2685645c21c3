import { labels, Secret } from '@k0smotron/api';
import { controllerRef, done, urlHost, waitingOn, type ObjectKey } from '@k0smotron/core';
import { adminKubeconfig, kubeconfigSecretName, renewalDue } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { clientCertificateOf } from '../../../secrets/client-certificate-of.ts';
import { giveBackOwner } from '../../../secrets/give-back-owner.ts';
import { issueAll } from '../../../secrets/issuing.ts';
import { fieldManager } from '../../../names.ts';
import { clusterOf, type ControlPlaneScope } from '../scope.ts';

/** `<cluster>-kubeconfig`, made once the endpoint is known and made anew when half of its certificate's life is over (CP-13). */
export const ensureKubeconfig: Step<ControlPlaneScope> = {
  name: 'ensure kubeconfig',

  async run(scope, signal) {
    const { run, clusterKey } = scope;
    const { host, port } = clusterOf(scope).spec.controlPlaneEndpoint ?? {};
    if (!host || !port) {
      scope.found.hold =
        'Cluster spec.controlPlaneEndpoint is not set: the user or the infrastructure provider sets it';
      return waitingOn('Cluster spec.controlPlaneEndpoint');
    }

    const key = { namespace: clusterKey.namespace, name: kubeconfigSecretName(clusterKey.name) };
    const stored = await run.kube.get(Secret, key, signal);
    if (stored) await giveBackOwner(run, stored, signal); // without it the renewal below would be refused (SR-18)
    const certificate = clientCertificateOf(stored?.data?.['value']);
    if (certificate && !renewalDue(certificate, run.clock.now())) return done;

    const ca = scope.found.certificates?.ca;
    if (!ca) throw new Error('the step needs the certificates to be ensured first');
    const server = `https://${urlHost(host)}:${port}`;
    const kubeconfig = await adminKubeconfig(ca, { clusterName: clusterKey.name, server, now: run.clock.now() });
    const data = { value: Buffer.from(kubeconfig, 'utf8').toString('base64') };
    const pem = clientCertificateOf(data.value) ?? '';
    const write = () => (stored ? renew(scope, stored, data, signal) : create(scope, key, data, signal));
    await issueAll(scope, [{ purpose: 'kubeconfig', pem, secretName: key.name, write }], signal);
    return done;
  },
};

type Data = Readonly<Record<'value', string>>;

async function renew(
  { run }: ControlPlaneScope,
  { metadata: { uid, namespace, name } }: Secret,
  data: Data,
  signal: AbortSignal,
): Promise<void> {
  const patch = { type: 'merge', body: { metadata: { uid }, data } } as const;
  await run.kube.patch(Secret, { namespace, name }, patch, { fieldManager }, signal);
  run.event('Normal', 'KubeconfigRenewed', `Secret ${name} has a new client certificate`);
}

async function create(
  { run, plane, clusterKey }: ControlPlaneScope,
  key: ObjectKey,
  data: Data,
  signal: AbortSignal,
): Promise<void> {
  const { labels: own, annotations } = plane.spec.kubeconfigSecretMetadata ?? {};
  const metadata = {
    ...key,
    labels: { ...own, [labels.clusterName]: clusterKey.name },
    ...(annotations && { annotations }),
    ownerReferences: [controllerRef(plane)],
  };
  await run.kube.create(Secret, { metadata, type: 'cluster.x-k8s.io/secret', data }, { fieldManager }, signal);
}
