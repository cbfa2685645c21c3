import { describe, expect, it } from '@jest/globals';
import { clusterctlConfig, metadataOf, versionOf } from './repository.ts';

describe('a release', () => {
  it.each(['2.2.0', 'v2.2', 'latest', ''])('refuses %p as its version', (text) => {
    expect(() => versionOf(text)).toThrow(`'${text}' is no version: give one such as v2.2.0`);
  });

  it.each(['v1.10.3', 'v2.1.9'])('refuses %s, to which nobody could upgrade from the original', (text) => {
    expect(() => versionOf(text)).toThrow('is not above 2.1');
  });

  it.each([
    ['v2.2.0', ['2.0', '2.1', '2.2']],
    ['v2.4.1-rc.1', ['2.0', '2.1', '2.2', '2.3', '2.4']],
    ['v3.1.0', ['2.0', '2.1', '3.0', '3.1']],
  ])('%s names every minor of its contract', (text, minors) => {
    const { releaseSeries } = metadataOf(versionOf(text)) as {
      releaseSeries: { major: number; minor: number; contract: string }[];
    };
    const current = releaseSeries.filter(({ contract }) => contract === 'v1beta2');
    expect(current.map(({ major, minor }) => `${major}.${minor}`)).toEqual(minors);
    expect(releaseSeries.filter(({ contract }) => contract === 'v1beta1')).toHaveLength(12);
  });

  it('takes over the name of the original in all three roles, and adds a fourth', () => {
    const { providers } = clusterctlConfig('/releases', versionOf('v2.2.0')) as {
      providers: { name: string; type: string; url: string }[];
    };
    expect(new Set(providers.map(({ name }) => name))).toEqual(new Set(['k0sproject-k0smotron']));
    expect(providers.map(({ type }) => type)).toEqual([
      'BootstrapProvider',
      'ControlPlaneProvider',
      'InfrastructureProvider',
      'AddonProvider',
    ]);
    expect(providers[3]?.url).toBe('file:///releases/addon-k0sproject-k0smotron/v2.2.0/addon-components.yaml');
  });
});
