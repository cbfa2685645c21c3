import { labels, Secret } from '@k0smotron/api';
import { controllerRef, done } from '@k0smotron/core';
import { adminKubeconfig, issuedBy, renewalDue } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { serverOf } from '../../../hosted/endpoint.ts';
import { fieldManager } from '../../../names.ts';
import { clientCertificateOf } from '../../../secrets/client-certificate-of.ts';
import { giveBackOwner } from '../../../secrets/give-back-owner.ts';
import type { Issuing } from '../../../secrets/issuing.ts';
import { certificateOf, type HostedScope } from '../scope.ts';

/** `<cluster>-kubeconfig`, minted from the authority as soon as the endpoint is known: no pod has to run for it (CP-13). */
export const ensureKubeconfig: Step<HostedScope & Issuing> = {
  name: 'ensure kubeconfig',

  async run(scope, signal) {
    const { run, names, clusterKey, found, issuances } = scope;
    const ca = certificateOf(scope, 'ca');
    if (!found.endpoint) throw new Error('the step needs the endpoint to be chosen first');
    const key = { namespace: clusterKey.namespace, name: names.kubeconfig };
    const server = serverOf(found.endpoint);
    const stored = await run.kube.get(Secret, key, signal);
    if (stored) await giveBackOwner(run, stored, signal);
    found.adminCertPem = clientCertificateOf(stored?.data?.['value']);
    if (!isGood(stored?.data?.['value'], { server, caPem: ca.certPem, now: run.clock.now() })) {
      const options = { clusterName: clusterKey.name, server, now: run.clock.now() };
      const kubeconfig = await adminKubeconfig(ca, options);
      const data = { value: Buffer.from(kubeconfig, 'utf8').toString('base64') };
      const pem = clientCertificateOf(data.value) ?? '';
      const write = async (): Promise<void> => {
        await (stored ? renew(scope, stored, data, signal) : create(scope, data, signal));
        scope.workloads.forget(clusterKey);
      };
      issuances.push({ purpose: 'kubeconfig', pem, secretName: key.name, write });
      found.adminCertPem = pem;
    }
    return done;
  },
};

function isGood(
  value: string | undefined,
  { server, caPem, now }: { readonly server: string; readonly caPem: string; readonly now: Date },
): boolean {
  const certificate = clientCertificateOf(value);
  if (!value || !certificate) return false;
  const leadsThere = Buffer.from(value, 'base64')
    .toString('utf8')
    .includes(`server: ${JSON.stringify(server)}`);
  return leadsThere && issuedBy(certificate, caPem) && !renewalDue(certificate, now);
}

type Data = Readonly<Record<'value', string>>;

async function renew({ run }: HostedScope, { metadata }: Secret, data: Data, signal: AbortSignal): Promise<void> {
  const { uid, namespace, name } = metadata;
  const patch = { type: 'merge', body: { metadata: { uid }, data } } as const;
  await run.kube.patch(Secret, { namespace, name }, patch, { fieldManager }, signal);
  run.event('Normal', 'KubeconfigRenewed', `Secret ${name} was made anew`);
}

async function create({ run, cluster, names }: HostedScope, data: Data, signal: AbortSignal): Promise<void> {
  const { labels: own, annotations } = cluster.spec.kubeconfigSecretMetadata ?? {};
  const metadata = {
    name: names.kubeconfig,
    namespace: cluster.metadata.namespace,
    labels: { ...own, [labels.clusterName]: cluster.metadata.name },
    ...(annotations && { annotations }),
    ownerReferences: [controllerRef(cluster)],
  };
  await run.kube.create(Secret, { metadata, type: 'cluster.x-k8s.io/secret', data }, { fieldManager }, signal);
}
