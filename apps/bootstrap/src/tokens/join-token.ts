import { finalizers } from '@k0smotron/api';
import { rfc3339, type Outcome } from '@k0smotron/core';
import { factObject, tokenMinted } from '@k0smotron/events';
import { encodeJoinToken, joinTokenLifetimeMs, newBootstrapToken } from '@k0smotron/k0s';
import { clusterCaPem } from '../data/cluster-secrets.ts';
import { reportWaiting } from '../reconcilers/report.ts';
import { owned, type ConfigScope } from '../reconcilers/scope.ts';
import { mintToken } from './workload-token.ts';
import { recordedToken, recordToken } from './recorded-token.ts';

/** The text of `k0s.token` for the config's machine, or what has to come first. `server` is where the machine joins. */
export async function joinToken(scope: ConfigScope, server: string, signal: AbortSignal): Promise<string | Outcome> {
  const { run, config, role, workloads, audit, cluster, tokens } = owned(scope);
  const key = { namespace: cluster.metadata.namespace, name: cluster.metadata.name };
  const workload = await workloads.client(key, signal);
  if (!workload) return reportWaiting(run, 'WaitingForControlPlaneInitialization', 'the kubeconfig of the cluster');

  const tokenId = recordedToken(config) ?? newBootstrapToken().id;
  await run.ensureFinalizer(finalizers.joinToken); // a token must not outlive its config
  if (!recordedToken(config)) await recordToken(run, tokenId);
  const now = run.clock.now();
  const expiresAt = new Date(now.getTime() + joinTokenLifetimeMs);
  const fact = tokenMinted(factObject(config), { tokenId, role, expiresAt: rfc3339(expiresAt) }, now);
  const wanted = { tokenId, role, machine: config.metadata.name, expiresAt };
  const token = await audit.around(run.kube, { fact, run: () => mintToken(workload, wanted, signal) }, signal);
  // Only what was read is known for sure: an earlier, interrupted run may have minted it long ago.
  tokens.forget(tokenId);
  return encodeJoinToken({
    role,
    server,
    caPem: await clusterCaPem(scope, signal),
    tokenId: token.id,
    tokenSecret: token.secret,
  });
}
