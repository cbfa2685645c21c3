import { expect, it } from '@jest/globals';
import type { Machine } from '@k0smotron/api';
import { isOurs } from './is-ours.ts';

const machine = (infrastructure: string, bootstrap: object): Machine =>
  ({ spec: { infrastructureRef: { kind: infrastructure }, bootstrap } }) as unknown as Machine;

it.each([
  ['a foreign bootstrap kind', 'RemoteMachine', { configRef: { kind: 'KubeadmConfig' } }, true],
  ['data made by hand', 'RemoteMachine', { dataSecretName: 'x' }, true],
  ['a worker of ours', 'RemoteMachine', { configRef: { kind: 'K0sWorkerConfig' } }, false],
  ['a controller of ours', 'RemoteMachine', { configRef: { kind: 'K0sControllerConfig' } }, false],
  ['a machine of another provider', 'AWSMachine', { configRef: { kind: 'KubeadmConfig' } }, false],
])('takes care of the Node of %s: only where nobody else does', (_, infrastructure, bootstrap, expected) => {
  expect(isOurs(machine(infrastructure, bootstrap))).toBe(expected);
});
