import { Cluster, type K0sControllerConfig, type K0sWorkerConfig, labels, Machine } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import type { Bus } from '@k0smotron/bus';
import type { WorkloadClusters } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import type { TokenMemory } from '../tokens/token-memory.ts';

/** The two kinds that make bootstrap data. */
export type BootstrapConfig = K0sWorkerConfig | K0sControllerConfig;

/** What lives as long as the process. */
export interface BootstrapDependencies {
  readonly workloads: WorkloadClusters;
  readonly bus: Bus;
  readonly audit: Audit;
  readonly tokens: TokenMemory;
  /** uids of configs whose Secret this process has seen with its owner, since their last pause. */
  readonly owned: Set<string>;
}

/** One consistent reading of a config's surroundings. */
export interface ConfigScope<C extends BootstrapConfig = BootstrapConfig> extends BootstrapDependencies {
  readonly run: Run<C>;
  readonly config: C;
  readonly role: 'worker' | 'controller';
  readonly machine?: Machine;
  readonly cluster?: Cluster;
}

/** Reads owner Machine and Cluster from the caches; the Cluster is known without the Machine, since its pause counts (P-01). */
export function scopeOf<C extends BootstrapConfig>(
  run: Run<C>,
  role: ConfigScope['role'],
  dependencies: BootstrapDependencies,
): ConfigScope<C> {
  const config = run.object;
  const { namespace } = config.metadata;
  const owner = config.metadata.ownerReferences?.find(({ kind }) => kind === Machine.kind);
  const machine = owner && run.caches.of(Machine).get({ namespace, name: owner.name });
  const clusterName = machine?.spec.clusterName ?? config.metadata.labels?.[labels.clusterName];
  const cluster = clusterName ? run.caches.of(Cluster).get({ namespace, name: clusterName }) : undefined;
  return { ...dependencies, run, config, role, machine, cluster };
}

/**
 * What a step after {@link requireOwner} may rely on.
 *
 * @throws when called before; a programming error.
 */
export function owned<C extends BootstrapConfig>(
  scope: ConfigScope<C>,
): ConfigScope<C> & { readonly machine: Machine; readonly cluster: Cluster } {
  const { machine, cluster } = scope;
  if (!machine || !cluster) throw new Error('the step needs the owner to be observed first');
  return { ...scope, machine, cluster };
}
