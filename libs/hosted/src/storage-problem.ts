import type { HostedClusterSpec } from '@k0smotron/api';
import { controlPlaneReplicas, hasNats } from './replicas.ts';

/** More servers than that JetStream does not copy a stream to. */
const natsServersAtMost = 5;

/**
 * Why a plane cannot keep its state as the spec says; undefined when it can.
 *
 * @param dataSource data source of kine; read from its Secret where the spec names one
 */
export function storageProblem(
  spec: HostedClusterSpec,
  dataSource = spec.storage.kine?.dataSourceURL ?? '',
): string | undefined {
  const replicas = controlPlaneReplicas(spec);
  if (hasNats(spec) && replicas > natsServersAtMost) {
    return `storage of type nats has at most ${natsServersAtMost} replicas, not ${replicas}`;
  }
  return spec.storage.type === 'kine' ? kineProblem(dataSource, replicas) : undefined;
}

function kineProblem(dataSource: string, replicas: number): string | undefined {
  const [, scheme] = /^([a-z0-9]+):\/\//.exec(dataSource) ?? [];
  if (dataSource !== '' && scheme === undefined) {
    return 'the data source of kine does not begin with a kind of database: write for example postgres://…';
  }
  // Each pod would have a database, and a cluster, of its own.
  return replicas > 1 && (scheme ?? 'sqlite') === 'sqlite'
    ? 'a database of SQLite serves one controller: write replicas: 1, or another data source'
    : undefined;
}
