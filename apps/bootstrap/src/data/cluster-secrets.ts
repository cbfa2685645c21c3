import { Secret } from '@k0smotron/api';
import type { ControllerPki, PemPair } from '@k0smotron/k0s';
import { owned, type ConfigScope } from '../reconcilers/scope.ts';

/** The certificate of the cluster's CA, from `<cluster>-ca`. */
export async function clusterCaPem(scope: ConfigScope, signal: AbortSignal): Promise<string> {
  return (await readPair(scope, 'ca', signal)).certPem;
}

/** What the first controller of a cluster is given (CP-15). */
export async function controllerPki(scope: ConfigScope, signal: AbortSignal): Promise<ControllerPki> {
  const [ca, etcd, proxy, sa] = await Promise.all([
    readPair(scope, 'ca', signal),
    readPair(scope, 'etcd', signal),
    readPair(scope, 'proxy', signal),
    readPair(scope, 'sa', signal),
  ]);
  return { ca, etcd, proxy, sa };
}

async function readPair(scope: ConfigScope, purpose: string, signal: AbortSignal): Promise<PemPair> {
  const { run, cluster } = owned(scope);
  const key = { namespace: cluster.metadata.namespace, name: `${cluster.metadata.name}-${purpose}` };
  const secret = await run.kube.get(Secret, key, signal);
  const [crt, pem] = [secret?.data?.['tls.crt'], secret?.data?.['tls.key']];
  if (crt === undefined || pem === undefined) {
    throw new Error(`Secret ${key.name} with tls.crt and tls.key is not there: the control-plane provider makes it`);
  }
  return { certPem: fromBase64(crt), keyPem: fromBase64(pem) };
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
