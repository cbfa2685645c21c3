import { describe, expect, it } from '@jest/globals';
import type { Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';
import { checkRemoteCluster, checkRemoteClusterTemplate } from './check-clusters.ts';
import { checkPooledRemoteMachine, checkRemoteMachine, checkRemoteMachineTemplate } from './check-machines.ts';

const lines = (findings: readonly Finding[]) =>
  findings.map(({ field, warning }) => `${warning ? 'warning' : 'error'} ${field}`);
const told = <T>(check: Check<T>, spec: object | undefined, annotations = {}, old?: object) =>
  lines(check({ metadata: { name: 'a', annotations }, spec } as never, old as never));
const sshKeyRef = { name: 'key' };
const host = { address: '192.0.2.1', sshKeyRef };

describe('a RemoteMachine', () => {
  it.each([
    ['with a name', { address: 'host.example.com', sshKeyRef }, []],
    ['with an IPv6 address', { address: 'fd00::2', sshKeyRef }, []],
    ['of a pool', { pool: 'a' }, []],
    ['with a port in the address', { ...host, address: '192.0.2.1:22' }, ['error spec.address']],
    ['with a user in it', { ...host, address: 'root@192.0.2.1' }, ['error spec.address']],
    ['with a scheme in it', { ...host, address: 'ssh://192.0.2.1' }, ['error spec.address']],
    ['without a key', { address: '192.0.2.1' }, ['warning spec']],
    ['with the key of nobody', { ...host, sshKeyRef: { name: '' } }, ['error spec.sshKeyRef.name']],
    ['with nothing', undefined, ['warning spec']],
    ['of a pool, with an address', { ...host, pool: 'a' }, ['warning spec.address']],
    ['with a blank in the pool', { pool: 'a ' }, ['warning spec.pool']],
    ['that a Job provisions', { provisionJob: {} }, ['warning spec.provisionJob']],
    ['that is never cleaned', { ...host, cleanUpCommands: [] }, ['warning spec.cleanUpCommands']],
    ['with a relative folder', { ...host, workingDir: 'a' }, ['warning spec.workingDir']],
  ])('%s', (_, spec, expected) => expect(told(checkRemoteMachine, spec)).toEqual(expected));

  it('has both pool and address once it has taken a host', () => {
    const annotations = { 'k0smotron.io/pooled-machine': 'h' };
    expect(told(checkRemoteMachine, { ...host, pool: 'a' }, annotations)).toEqual([]);
  });

  it.each([
    [{ pool: 'a' }, []],
    [{ pool: '' }, ['warning spec.template.spec.pool']],
    [{ pool: 'a', provisionJob: {} }, ['warning spec.template.spec.provisionJob']],
  ])('is only warned of in a template: %j', (spec, expected) => {
    expect(told(checkRemoteMachineTemplate, { template: { spec } })).toEqual(expected);
  });
});

describe('a PooledRemoteMachine', () => {
  it.each([
    ['that is fine', { pool: 'a', machine: host }, []],
    ['with a port in it', { pool: 'a', machine: { ...host, address: 'a:22' } }, ['error spec.machine.address']],
  ])('%s', (_, spec, expected) => expect(told(checkPooledRemoteMachine, spec)).toEqual(expected));

  it('is in use where it was', () => {
    const old = {
      metadata: { annotations: { 'k0smotron.io/reserved-by': 'm' } },
      spec: { pool: 'a', machine: { ...host, address: '192.0.2.9' } },
    };
    expect(told(checkPooledRemoteMachine, { pool: 'a', machine: host }, {}, old)).toEqual([
      'warning spec.machine.address',
    ]);
  });
});

describe('a RemoteCluster', () => {
  const at = 'spec.controlPlaneEndpoint';
  it.each([
    ['without an endpoint', undefined, []],
    ['with one', { host: 'api.example.com', port: 6443 }, []],
    ['with a URL', { host: 'https://api.example.com', port: 6443 }, [`error ${at}.host`]],
    ['without a port', { host: 'api.example.com' }, [`warning ${at}.port`]],
    ['without a host', { port: 6443 }, [`warning ${at}.host`]],
  ])('%s', (_, controlPlaneEndpoint, expected) => {
    expect(told(checkRemoteCluster, { controlPlaneEndpoint })).toEqual(expected);
  });

  it('is only warned of in a template', () => {
    const spec = { template: { spec: { controlPlaneEndpoint: { host: 'https://a', port: 6443 } } } };
    expect(told(checkRemoteClusterTemplate, spec)).toEqual([`warning spec.template.spec.controlPlaneEndpoint.host`]);
  });
});
