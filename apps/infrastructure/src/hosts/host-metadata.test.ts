import { describe, expect, it } from '@jest/globals';
import { sshKeyFinalizer } from '../names.ts';
import { missingHostMetadata } from './host-metadata.ts';

describe('missingHostMetadata', () => {
  it('copies what tells of the host, and nothing of Cluster API, clusterctl, kubectl or ours', () => {
    const from = {
      rack: 'r1',
      'example.com/owner': 'ops',
      'topology.kubernetes.io/zone': 'z1',
      'gpu.node.cluster.x-k8s.io/kind': 'a100',
      'cluster.x-k8s.io/cluster-name': 'foreign',
      'clusterctl.cluster.x-k8s.io/move': '',
      'pre-terminate.delete.hook.machine.cluster.x-k8s.io/x': '',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'k0smotron.io/reserved-by': 'one',
      'infrastructure.k0smotron.io/ssh-key': '',
    };
    expect(missingHostMetadata(from, { rack: 'kept' })).toEqual({
      'example.com/owner': 'ops',
      'topology.kubernetes.io/zone': 'z1',
      'gpu.node.cluster.x-k8s.io/kind': 'a100',
    });
  });

  it('is nothing at all when there is nothing to copy', () => {
    expect(missingHostMetadata({ rack: 'r1' }, { rack: 'r2' })).toBeUndefined();
    expect(missingHostMetadata()).toBeUndefined();
  });
});

describe('sshKeyFinalizer', () => {
  it('is a name that Kubernetes takes, and another one for each machine', () => {
    const long = 'm'.repeat(100);
    for (const name of ['one', 'a.b-c', long]) {
      const [, part = ''] = sshKeyFinalizer(name).split('/');
      expect(part.length).toBeLessThanOrEqual(63);
      expect(part).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    }
    expect(sshKeyFinalizer(`${long}a`)).not.toBe(sshKeyFinalizer(`${long}b`));
  });
});
