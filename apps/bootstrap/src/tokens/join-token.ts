import { waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, tokenMinted } from '@k0smotron/events';
import { encodeJoinToken, joinTokenLifetimeMs, newBootstrapToken } from '@k0smotron/k0s';
import { clusterCaPem } from '../data/cluster-secrets.ts';
import { owned, type ConfigScope } from '../reconcilers/scope.ts';
import { mintToken } from './workload-token.ts';
import { recordedToken, recordToken } from './recorded-token.ts';

/** The text of `k0s.token` for the config's machine, or what has to come first. `server` is where the machine joins. */
export async function joinToken(scope: ConfigScope, server: string, signal: AbortSignal): Promise<string | Outcome> {
  const { run, config, role, workloads, bus, cluster } = owned(scope);
  const key = { namespace: cluster.metadata.namespace, name: cluster.metadata.name };
  const workload = await workloads.client(key, signal);
  if (!workload) return waitingOn('the kubeconfig of the cluster');

  const tokenId = recordedToken(config) ?? newBootstrapToken().id;
  if (!recordedToken(config)) await recordToken(run, tokenId, signal);
  const now = run.clock.now();
  const description = `k0smotron: ${role} ${config.metadata.name}`;
  const token = await mintToken(workload, { tokenId, role, description, now }, signal);
  const expiresAt = new Date(now.getTime() + joinTokenLifetimeMs).toISOString();
  await bus.publish(tokenMinted(factObject(config), { tokenId, role, expiresAt }, now));
  return encodeJoinToken({
    role,
    server,
    caPem: await clusterCaPem(scope, signal),
    tokenId: token.id,
    tokenSecret: token.secret,
  });
}
