import { expect } from '@jest/globals';
import { clusterKey } from '../cluster/lab-cluster.ts';

/** Lines of `clusterctl describe`, without the tree that it draws and since when each is so. */
export const treeLines = (tree: string): readonly string[] =>
  tree
    .split('\n')
    .map((line) => line.replaceAll(/[│├└─]/g, '').replace(/ \d+[smhd]\w*(?= |$)/, ''))
    .map((line) => line.replaceAll(/ +/g, ' ').trim());

/** Conditions that are False where all is well. */
const negative = /^(Scaling|Rolling|Remediating|Updating|Deleting|Paused)/;

/** That a cluster of one controller and one worker shows what a user looks for, and nothing that is unknown or wrong. */
export function expectWell(lines: readonly string[]): void {
  expect(lines).toEqual(
    expect.arrayContaining([
      `Cluster/${clusterKey.name} 2/2 2 2 2`,
      `ClusterInfrastructure - RemoteCluster/${clusterKey.name}`,
      `ControlPlane - K0sControlPlane/${clusterKey.name} 1/1 1 1 1`,
      `MachineDeployment/${clusterKey.name}-workers 1/1 1 1 1`,
      'CertificatesAvailable True Available',
      'ControlPlaneMachinesReady True Ready',
      'EtcdClusterHealthy True Healthy',
      'EtcdMemberHealthy True Healthy',
      'APIServerHealthy True Ready',
    ]),
  );
  const complaints = lines.filter((line) => {
    const [, type = '', status] = /^(\w+) (True|False|Unknown) /.exec(line) ?? [];
    return status !== undefined && status !== (negative.test(type) ? 'False' : 'True');
  });
  expect(complaints).toEqual([]);
}
