import { describe, expect, it } from '@jest/globals';
import type { K0sControlPlane, Machine, RemoteMachine } from '@k0smotron/api';
import type { Controller } from './controller.ts';
import { describeDifferences, differencesOf } from './up-to-date.ts';

const plane = (over: Record<string, unknown> = {}, config: Record<string, unknown> = {}): K0sControlPlane =>
  ({
    spec: {
      version: 'v1.34.4+k0s.0',
      k0sConfigSpec: {
        k0sInstallDir: '/usr/local/bin',
        useSystemHostname: false,
        provisioner: { type: 'cloud-config', platform: 'linux' },
        args: ['--debug'],
        ...config,
      },
      machineTemplate: { spec: { infrastructureRef: { apiGroup: 'g', kind: 'RemoteMachineTemplate', name: 't' } } },
      ...over,
    },
  }) as unknown as K0sControlPlane;

const controller = (recorded: object | undefined, version = 'v1.34.4+k0s.0', from = 't'): Controller => ({
  name: 'c-0',
  machine: {
    metadata: {
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: recorded ? { 'k0s.controlplane.cluster.x-k8s.io/k0s-config': JSON.stringify(recorded) } : {},
    },
    spec: { version },
  } as unknown as Machine,
  remote: {
    metadata: {
      annotations: {
        'cluster.x-k8s.io/cloned-from-name': from,
        'cluster.x-k8s.io/cloned-from-groupkind': 'RemoteMachineTemplate.g',
      },
    },
  } as unknown as RemoteMachine,
});

const same = { version: false, config: false, template: false, expired: false };
const now = new Date('2026-02-01T00:00:00Z');

describe('whether a controller is up to date', () => {
  it.each([
    { given: 'nothing was recorded', made: controller(undefined), now: plane() },
    { given: 'defaults came later', made: controller({ args: ['--debug'] }), now: plane() },
    {
      given: 'the version is only spelled differently',
      made: controller({ args: ['--debug'] }, 'v1.34.4'),
      now: plane(),
    },
    { given: 'an empty list was written', made: controller({ args: ['--debug'], files: [] }), now: plane() },
    {
      given: 'only the k0s configuration changed, which is pushed',
      made: controller({ args: ['--debug'], k0s: { spec: { a: 1 } } }),
      now: plane({}, { k0s: { spec: { a: 2 } } }),
    },
    {
      given: 'k0s is only fetched from elsewhere',
      made: controller({ args: ['--debug'] }),
      now: plane({}, { downloadURL: 'https://mirror.test/k0s' }),
    },
    {
      given: 'the original recorded it as v1beta1',
      made: controller({ args: ['--debug'], preStartCommands: ['true'] }),
      now: plane({}, { preK0sCommands: ['true'] }),
    },
  ])('stays so when $given', ({ made, now: spec }) => expect(differencesOf(made, spec, now)).toEqual(same));

  it.each([
    { given: 'the version', made: controller({ args: ['--debug'] }, 'v1.33.0+k0s.0'), differs: { version: true } },
    { given: 'an argument', made: controller({ args: [] }), differs: { config: true } },
    { given: 'the template', made: controller({ args: ['--debug'] }, undefined, 'older'), differs: { template: true } },
  ])('ends when $given changed', ({ made, differs }) =>
    expect(differencesOf(made, plane(), now)).toEqual({ ...same, ...differs }),
  );

  it('is said in words', () => {
    expect(describeDifferences({ ...same, version: true, template: true })).toBe(
      'Made from an older spec.version, the template of its machine',
    );
    expect(describeDifferences({ ...same, expired: true })).toBe('Made before spec.rollout.after');
    expect(describeDifferences(same)).toBe('');
  });

  it.each([
    { given: 'has passed since it was made', after: '2026-01-15T00:00:00Z', expired: true },
    { given: 'lies ahead', after: '2026-03-01T00:00:00Z', expired: false },
    { given: 'was before it was made', after: '2025-12-01T00:00:00Z', expired: false },
  ])('ends when a moment for new machines $given: $expired', ({ after, expired }) => {
    expect(differencesOf(controller(undefined), plane({ rollout: { after } }), now)).toEqual({ ...same, expired });
  });
});
