import { annotations, K0sControlPlane, type K0sControllerConfig, labels, Machine } from '@k0smotron/api';
import { keyOf } from '@k0smotron/core';
import { owned, type ConfigScope } from '../scope.ts';
import { byCluster } from '../watches.ts';

/** How a controller comes into its cluster. */
export type ControllerRole =
  | { readonly kind: 'first' }
  | { readonly kind: 'joins'; readonly host: string }
  | { readonly kind: 'wait'; readonly on: string };

/**
 * Exactly one controller of a cluster may begin it (B-06). For configs of a K0sControlPlane that provider says which, after
 * its pre-flight (SR-5), by annotation; for others the oldest control-plane Machine of a cluster not yet initialised is it.
 */
export function controllerRole(scope: ConfigScope<K0sControllerConfig>): ControllerRole {
  const { run, config, machine, cluster } = owned(scope);
  const initialised = cluster.status?.initialization?.controlPlaneInitialized === true;
  const joinFrom = config.metadata.annotations?.[annotations.joinFrom];
  if (joinFrom === 'none' && !initialised) return { kind: 'first' };
  if (joinFrom !== undefined && joinFrom !== 'none') return { kind: 'joins', host: joinFrom };
  if (cluster.spec.controlPlaneRef?.kind === K0sControlPlane.kind) {
    return { kind: 'wait', on: 'the control plane to let this controller in' };
  }
  if (initialised) return { kind: 'joins', host: cluster.spec.controlPlaneEndpoint?.host ?? '' };
  const [oldest] = run.caches
    .of(Machine)
    .byIndex(byCluster, keyOf(cluster.metadata))
    .filter(({ metadata }) => metadata.labels?.[labels.controlPlane] !== undefined)
    .sort((a, b) => ageOf(a).localeCompare(ageOf(b), 'en'));
  return oldest?.metadata.uid === machine.metadata.uid
    ? { kind: 'first' }
    : { kind: 'wait', on: 'the first controller to begin the cluster' };
}

const ageOf = ({ metadata }: Machine): string => `${metadata.creationTimestamp} ${metadata.name}`;
