import { describe, expect, it } from '@jest/globals';
import type { RemoteMachine } from '@k0smotron/api';
import type { BootstrapPlan } from '@k0smotron/provision';
import { cleanUpRecord } from './clean-up-record.ts';
import { renderHostCleanUp } from './render-clean-up.ts';

const machine = (spec: Partial<RemoteMachine['spec']> = {}): RemoteMachine =>
  ({ metadata: { name: 'one', uid: 'uid-1' }, spec: { address: '192.0.2.1', ...spec } }) as RemoteMachine;

const plan = (over: Partial<BootstrapPlan> = {}): BootstrapPlan => ({ files: [], commands: [], ...over });

describe('cleanUpRecord', () => {
  it('reads role, paths and flags from our own commands', () => {
    const commands = [
      'curl -sSfL -o /opt/bin/k0s.download https://example.com/k0s',
      'chmod 0755 /opt/bin/k0s.download && mv -f /opt/bin/k0s.download /opt/bin/k0s',
      `/opt/bin/k0s install worker --data-dir=/data/k0s --kubelet-root-dir '/data/kubelet' --token-file /etc/k0s.token`,
    ];
    expect(cleanUpRecord(plan({ commands }), machine())).toEqual({
      version: 1,
      journal: 'uid-1',
      role: 'worker',
      k0sPath: '/opt/bin/k0s',
      dataDir: '/data/k0s',
      kubeletRootDir: '/data/kubelet',
      k0sDownloaded: true,
      files: [],
      appended: [],
    });
  });

  it('leaves a k0s alone that was there before', () => {
    const record = cleanUpRecord(plan({ commands: ['/usr/local/bin/k0s install controller'] }), machine());
    expect(record).toMatchObject({ role: 'controller', k0sPath: '/usr/local/bin/k0s', k0sDownloaded: false });
  });

  it('understands commands given as words', () => {
    const commands = [['k0s', 'install', 'controller', '--data-dir', '/d/k0s']];
    expect(cleanUpRecord(plan({ commands }), machine())).toMatchObject({ role: 'controller', dataDir: '/d/k0s' });
  });

  it('knows nothing of other providers but their files', () => {
    const files = [{ path: '/etc/kubernetes/x', content: 'secret' }];
    const record = cleanUpRecord(plan({ files, commands: ['kubeadm join'] }), machine());
    expect(record).toMatchObject({ role: 'foreign', files: ['/etc/kubernetes/x'] });
    expect(JSON.stringify(record)).not.toContain('secret');
  });

  it('never takes a file away that was only added to', () => {
    const files = [
      { path: '/etc/hosts', content: 'a\n', append: true },
      { path: '/etc/own', content: 'b\n' },
      { path: '/etc/own', content: 'c\n', append: true },
    ];
    const record = cleanUpRecord(plan({ files }), machine());
    expect(record.files).toEqual(['/etc/own']);
    expect(record.appended.map(({ path, bytes }) => [path, bytes])).toEqual([['/etc/hosts', 2]]);
    const removals = renderHostCleanUp(record, { clusterGoes: false }).plan.commands.filter((command) =>
      String(command).startsWith('rm '),
    );
    expect(removals.join()).not.toContain('/etc/hosts');
  });

  it('puts the commands of the user in place of ours', () => {
    const record = cleanUpRecord(
      plan({ commands: ['k0s install worker'] }),
      machine({ cleanUpCommands: ['/opt/leave.sh'] }),
    );
    const commands = renderHostCleanUp(record, { clusterGoes: false }).plan.commands.join('\n');
    expect(commands).toContain('/opt/leave.sh');
    expect(commands).not.toContain('reset');
  });
});
