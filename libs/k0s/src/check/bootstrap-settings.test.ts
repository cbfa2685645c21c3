import { describe, expect, it } from '@jest/globals';
import { settingsFindings, type CheckedSettings } from './bootstrap-settings.ts';
import type { JoinRole } from '../join-token.ts';

const told = (settings: CheckedSettings, role: JoinRole = 'controller', version = 'v1.34.4+k0s.0') =>
  settingsFindings(settings, { role, version, field: 'spec' }).map(
    ({ field, warning }) => `${warning ? 'warning' : 'error'} ${field}`,
  );
const file = { path: '/a', content: 'x' };
const secretRef = { name: 's', key: 'k' };

describe('settings that are fine', () => {
  it.each<[string, CheckedSettings]>([
    ['none', {}],
    ['files', { files: [file, { path: '/b', contentFrom: { secretRef }, permissions: '0600' }] }],
    ['an empty file that is meant', { files: [{ path: '/a', content: '' }] }],
    ['quoted arguments', { args: [`--kubelet-extra-args="--node-ip=1.2.3.4"`, '--enable-worker'] }],
    ['an address', { downloadURL: 'https://example.com/k0s' }],
    ['ignition', { provisioner: { type: 'ignition', ignition: { variant: 'fcos', version: '1.5.0' } } }],
  ])('%s', (_, settings) => expect(told(settings)).toEqual([]));
});

describe('settings that are not', () => {
  it.each<[string, CheckedSettings, string]>([
    ['a file without a path', { files: [{ content: 'x' }] }, 'error spec.files[0].path'],
    ['a relative path', { files: [{ ...file, path: 'a' }] }, 'warning spec.files[0].path'],
    ['no mode', { files: [{ ...file, permissions: 'rw' }] }, 'error spec.files[0].permissions'],
    ['no content', { files: [{ path: '/a' }] }, 'warning spec.files[0]'],
    ['two contents', { files: [{ ...file, contentFrom: { secretRef } }] }, 'warning spec.files[0]'],
    ['an empty source', { files: [{ path: '/a', contentFrom: {} }] }, 'error spec.files[0].contentFrom'],
    [
      'a source without a name',
      { files: [{ path: '/a', contentFrom: { secretRef: { name: '', key: 'k' } } }] },
      'error spec.files[0].contentFrom.secretRef.name',
    ],
    [
      'two sources',
      { files: [{ path: '/a', contentFrom: { secretRef, configMapRef: secretRef } }] },
      'warning spec.files[0].contentFrom',
    ],
    ['a path twice', { files: [file, file] }, 'warning spec.files[1].path'],
    ['open quotes', { args: ['--labels="a=b'] }, 'error spec.args[0]'],
    ['no URL', { downloadURL: 'example.com/k0s' }, 'error spec.downloadURL'],
    [
      'a URL for nothing',
      { downloadURL: 'https://example.com/k0s', preInstalledK0s: true },
      'warning spec.downloadURL',
    ],
    ['a relative folder', { workingDir: 'etc' }, 'warning spec.workingDir'],
    ['ignition without its settings', { provisioner: { type: 'ignition' } }, 'error spec.provisioner.ignition'],
    ['powershell', { provisioner: { type: 'powershell' } }, 'warning spec.provisioner.type'],
    ['user data from nowhere', { provisioner: { customUserDataRef: {} } }, 'error spec.provisioner.customUserDataRef'],
  ])('%s', (_, settings, expected) => expect(told(settings)).toEqual([expected]));

  it('refuses a path twice for workers, as the original does', () => {
    expect(told({ files: [file, file] }, 'worker')).toEqual(['error spec.files[1].path']);
  });

  it.each([
    ['v1.34.2+k0s.0', []],
    ['v1.34.1+k0s.0', ['error spec.version']],
    ['', ['error spec.version']],
  ])('Windows with %j', (version, expected) => {
    expect(told({ provisioner: { platform: 'windows' } }, 'worker', version)).toEqual(expected);
  });
});
