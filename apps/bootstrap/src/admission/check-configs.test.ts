import { describe, expect, it } from '@jest/globals';
import { checkControllerConfig, checkWorkerConfig, checkWorkerTemplate } from './check-configs.ts';

const told = (findings: readonly { field: string; warning?: boolean }[]) =>
  findings.map(({ field, warning }) => `${warning ? 'warning' : 'error'} ${field}`);
const spec = { k0sInstallDir: '/usr/local/bin', useSystemHostname: false };
const metadata = { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const head = { apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2', kind: 'any', metadata };

describe('a worker configuration', () => {
  it.each([
    ['is fine', { version: 'v1.34.4+k0s.0' }, []],
    ['has a version that cannot be read', { version: 'newest' }, ['error spec.version']],
    [
      'writes a file twice',
      {
        files: [
          { path: '/a', content: '' },
          { path: '/a', content: '' },
        ],
      },
      ['error spec.files[1].path'],
    ],
  ])('%s', (_, more, expected) => {
    expect(told(checkWorkerConfig({ ...head, spec: { ...spec, ...more } }, undefined))).toEqual(expected);
  });

  it('has no spec in objects that older schemas let in', () => {
    expect(checkWorkerConfig({ ...head } as never, undefined)).toEqual([]);
  });

  it('is only warned of in a template', () => {
    const template = { ...head, spec: { template: { spec: { ...spec, version: 'newest' } } } };
    expect(told(checkWorkerTemplate(template, undefined))).toEqual(['warning spec.template.spec.version']);
  });
});

describe('a controller configuration', () => {
  it.each([
    ['is fine', { version: 'v1.34.4+k0s.0', k0s: { spec: { api: { port: 6444 } } } }, []],
    ['has a version that cannot be read', { version: 'newest' }, ['error spec.version']],
    ['has open quotes', { args: ['--labels="a'] }, ['error spec.args[0]']],
    ['has a field that k0s lacks', { version: 'v1.34.4', k0s: { spec: { apii: {} } } }, ['error spec.k0s.spec.apii']],
    ['has one that some k0s may know', { k0s: { spec: { apii: {} } } }, ['warning spec.k0s.spec.apii']],
  ])('%s', (_, more, expected) => {
    expect(told(checkControllerConfig({ ...head, spec: { ...spec, ...more } }, undefined))).toEqual(expected);
  });
});
