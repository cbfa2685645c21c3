import { describe, expect, it } from '@jest/globals';
import { toIgnitionData } from './ignition-data.ts';

const plan = { files: [{ path: '/etc/k0s.token', content: 't', permissions: '0600' }], commands: ['k0s start'] };

describe('toIgnitionData', () => {
  it('writes the specification that the Butane version stands for', () => {
    const written = JSON.parse(toIgnitionData(plan, { variant: 'flatcar', version: '1.1.0' })) as {
      ignition: { version: string };
      storage: { files: { path: string; mode: number }[] };
    };
    expect(written.ignition.version).toBe('3.4.0');
    expect(written.storage.files[0]).toMatchObject({ path: '/etc/k0s.token', mode: 0o600 });
  });

  it.each([
    ['no settings', undefined, undefined, 'must be given'],
    ['an unknown version', { variant: 'fcos', version: '9.9.9' }, undefined, 'known are'],
    ['Butane', { variant: 'fcos', version: '1.5.0', additionalConfig: 'x: y' }, undefined, 'not compiled here'],
    ['custom user data', { variant: 'fcos', version: '1.5.0' }, '#cloud-config', 'cannot be merged'],
  ] as const)('refuses %s and says why', (_what, ignition, customUserData, message) => {
    expect(() => toIgnitionData(plan, ignition, customUserData)).toThrow(message);
  });
});
