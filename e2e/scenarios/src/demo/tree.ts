import type { Cluster, K0sControlPlane, Machine, Node } from '@k0smotron/api';
import { conditionOf } from '../cluster/lab-cluster.ts';

/** A tree in the manner of `clusterctl describe cluster`. */
export function printTree(
  cluster: Cluster | undefined,
  plane: K0sControlPlane | undefined,
  machines: readonly Machine[],
): void {
  if (!cluster || !plane) return;
  const isController = ({ metadata }: Machine): boolean =>
    metadata.labels?.['cluster.x-k8s.io/control-plane'] !== undefined;
  const controllers = machines.filter(isController);
  const workers = machines.filter((machine) => !isController(machine));
  const line = (prefix: string, name: string, about: string): void =>
    console.log(`${`${prefix}${name}`.padEnd(52)} ${about}`);
  console.log('');
  line('', `Cluster/${cluster.metadata.name}`, `Available: ${conditionOf(cluster, 'Available')?.status ?? '?'}`);
  line('├─', `ClusterInfrastructure - RemoteCluster/${cluster.spec.infrastructureRef?.name}`, '');
  const { readyReplicas, replicas, version } = plane.status ?? {};
  line('├─', `ControlPlane - K0sControlPlane/${plane.metadata.name}`, `Ready ${readyReplicas}/${replicas}  ${version}`);
  controllers.forEach((machine, at) =>
    line(
      `│ ${at === controllers.length - 1 ? '└─' : '├─'}`,
      `Machine/${machine.metadata.name}`,
      machine.status?.phase ?? '',
    ),
  );
  line('└─', 'Workers', '');
  workers.forEach((machine, at) =>
    line(
      `  ${at === workers.length - 1 ? '└─' : '├─'}`,
      `Machine/${machine.metadata.name}`,
      `${machine.status?.phase ?? ''}  Node ${machine.status?.nodeRef?.name ?? '-'}`,
    ),
  );
}

/** What `kubectl get nodes` prints. */
export function printNodes(nodes: readonly Node[]): void {
  const rows = nodes.map((node) => {
    const { nodeInfo } =
      (node as { status?: { nodeInfo?: { kubeletVersion?: string; osImage?: string } } }).status ?? {};
    const ready = conditionOf(node, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady';
    return [node.metadata.name, ready, nodeInfo?.kubeletVersion ?? '', nodeInfo?.osImage ?? ''];
  });
  const table = [['NAME', 'STATUS', 'VERSION', 'OS'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  console.log('\n$ kubectl get nodes');
  for (const row of table)
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('   ')
        .trimEnd(),
    );
}
