import { Secret, type K0smotronCluster } from '@k0smotron/api';
import { controllerRef, done, rfc3339, TerminalError, waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, joinTokenMinted } from '@k0smotron/events';
import { encodeJoinToken } from '@k0smotron/k0s';
import type { Step } from '@k0smotron/runtime';
import { endpointOf, serverOf } from '../../../hosted/endpoint.ts';
import { joinTokenFinalizer } from '../../../hosted/names.ts';
import { certificateSecretOf } from '../../../hosted/plane.ts';
import { labelValue } from '../../../machines/label-value.ts';
import { fieldManager } from '../../../names.ts';
import { lifeMsOf } from '../expiry.ts';
import { reportWaiting } from '../report.ts';
import type { JoinTokenRequestScope } from '../scope.ts';
import { mintToken, recordToken, recordedToken } from '../token.ts';

/** Makes the Secret named as the request, with a token under the key `token`, once. */
export const ensureToken: Step<JoinTokenRequestScope> = {
  name: 'ensure token',

  async run(scope, signal) {
    const { run, request, cluster } = scope;
    const key = { namespace: request.metadata.namespace, name: request.metadata.name };
    const existing = await run.kube.get(Secret, key, signal);
    if (existing && !existing.metadata.ownerReferences?.some(({ uid }) => uid === request.metadata.uid)) {
      throw new TerminalError('SecretExists', `Secret ${key.name} belongs to somebody else: rename the request`);
    }
    if (!existing && cluster) {
      const outcome = await give(scope, cluster, signal);
      if (outcome.kind !== 'done') return outcome;
    }
    const tokenId = recordedToken(request);
    if (tokenId) run.status.tokenID = tokenId;
    return done;
  },
};

async function give(scope: JoinTokenRequestScope, cluster: K0smotronCluster, signal: AbortSignal): Promise<Outcome> {
  const { run, request, clusterKey, audit } = scope;
  const [workload, caPem] = await Promise.all([scope.workload(signal), caOf(scope, cluster, signal)]);
  const endpoint = endpointOf(cluster);
  if (!workload || !caPem || !endpoint) {
    reportWaiting(run, 'WaitingForCluster', `the kubeconfig of Cluster ${clusterKey.name}`);
    return waitingOn('the kubeconfig of the Cluster');
  }
  await run.ensureFinalizer(joinTokenFinalizer); // a token must not outlive its request
  const tokenId = await recordToken(run);
  const now = run.clock.now();
  const expiresAt = new Date(now.getTime() + lifeMsOf(request.spec.expiry));
  const fact = joinTokenMinted(factObject(request), { tokenId, role: 'worker', expiresAt: rfc3339(expiresAt) }, now);
  const wanted = { tokenId, request: request.metadata.name, expiresAt };
  const minted = await audit.around(run.kube, { fact, run: () => mintToken(workload, wanted, signal) }, signal);
  const token = encodeJoinToken({
    role: 'worker',
    server: serverOf(endpoint),
    caPem,
    tokenId: minted.id,
    tokenSecret: minted.secret,
  });
  await run.kube.create(Secret, secretOf(scope, token), { fieldManager }, signal);
  run.status.tokenID = tokenId;
  run.event('Normal', 'JoinTokenCreated', `The token is in Secret ${request.metadata.name}`);
  return done;
}

async function caOf({ run }: JoinTokenRequestScope, cluster: K0smotronCluster, signal: AbortSignal) {
  const key = { namespace: cluster.metadata.namespace, name: certificateSecretOf(cluster, 'ca') };
  const data = (await run.kube.get(Secret, key, signal))?.data?.['tls.crt'];
  return data && Buffer.from(data, 'base64').toString('utf8');
}

const secretOf = ({ request, clusterKey }: JoinTokenRequestScope, token: string) => ({
  metadata: {
    name: request.metadata.name,
    namespace: request.metadata.namespace,
    labels: {
      'k0smotron.io/cluster': labelValue(clusterKey.name),
      'k0smotron.io/role': request.spec.role,
      'k0smotron.io/token-request': labelValue(request.metadata.name),
      'app.kubernetes.io/component': 'jointoken',
    },
    ownerReferences: [controllerRef(request)],
  },
  type: 'Opaque',
  data: { token: Buffer.from(token, 'utf8').toString('base64') },
});
