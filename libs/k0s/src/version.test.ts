import { TerminalError } from '@k0smotron/core';
import { describe, expect, it } from '@jest/globals';
import {
  canonicalVersion,
  compareVersions,
  floors,
  inSpellingOf,
  kubeletVersion,
  parseVersion,
  reportFits,
  sameVersion,
  upgradeProblem,
  versionAtLeast,
} from './version.ts';

describe('canonicalVersion', () => {
  it.each([
    ['v1.34.4', 'v1.34.4+k0s.0'],
    ['1.34.4', 'v1.34.4+k0s.0'],
    ['v1.34.4+k0s.1', 'v1.34.4+k0s.1'],
    ['v1.34.4-k0s.1', 'v1.34.4+k0s.1'],
    ['v1.34.4+k0s', 'v1.34.4+k0s.0'],
    ['v1.35.0-rc.1+k0s.0', 'v1.35.0-rc.1+k0s.0'],
    ['v1.35.0-rc.1-k0s.0', 'v1.35.0-rc.1+k0s.0'],
    [' v1.27.2+k0s.0\n', 'v1.27.2+k0s.0'],
  ])('reads %j as %s', (text, expected) => {
    expect(canonicalVersion(text)).toBe(expected);
  });

  it.each(['', 'latest', 'v1.34', 'v1.34.4+k3s.1', 'v1.34.4-k0s.0+k0s.0', 'v1.34.4; rm -rf /'])(
    'refuses %j and says what to write',
    (text) => {
      expect(() => parseVersion(text)).toThrow(TerminalError);
      expect(() => parseVersion(text)).toThrow('v1.34.4+k0s.0');
    },
  );
});

describe('compareVersions', () => {
  it('puts revision 10 after revision 9', () => {
    expect(compareVersions('v1.36.0+k0s.10', 'v1.36.0+k0s.9')).toBeGreaterThan(0);
  });

  it('puts a release candidate before its release', () => {
    expect(compareVersions('v1.35.0-rc.1+k0s.0', 'v1.35.0')).toBeLessThan(0);
  });
});

describe('comparing with reports', () => {
  it('does not take a change of spelling for a change', () => {
    expect(sameVersion('v1.34.4', 'v1.34.4-k0s.0')).toBe(true);
    expect(sameVersion('v1.34.4', 'v1.34.4+k0s.1')).toBe(false);
  });

  it('tells revisions apart only when the report says one', () => {
    expect(reportFits('v1.34.4+k0s', 'v1.34.4+k0s.1')).toBe(true);
    expect(reportFits('v1.34.4+k0s.0', 'v1.34.4+k0s.1')).toBe(false);
    expect(reportFits('v1.34.3+k0s', 'v1.34.4+k0s.1')).toBe(false);
  });

  it('gives the kubelet’s form', () => {
    expect(kubeletVersion('v1.34.4-k0s.3')).toBe('v1.34.4+k0s');
  });

  it.each([
    ['v1.34.4', 'v1.34.4'],
    ['v1.34.4-k0s.0', 'v1.34.4-k0s.0'],
    ['1.34.4+k0s.0', '1.34.4+k0s.0'],
    ['v1.34.4+k0s', 'v1.34.4+k0s'],
  ])('reports in the spelling of %s', (example, expected) => {
    expect(inSpellingOf('v1.34.4+k0s.0', example)).toBe(expected);
  });

  it('keeps a revision that a bare spelling cannot say', () => {
    expect(inSpellingOf('v1.34.4+k0s.2', 'v1.34.4')).toBe('v1.34.4+k0s.2');
  });
});

describe('rules by version', () => {
  it('knows from where on controllers leave etcd through their object', () => {
    expect(versionAtLeast('v1.31.6', floors.leaveByEtcdMember)).toBe(true);
    expect(versionAtLeast('v1.31.5+k0s.3', floors.leaveByEtcdMember)).toBe(false);
    expect(versionAtLeast('v1.40.0', floors.leaveByEtcdMember)).toBe(true);
  });

  it('refuses to skip a minor version and names the next step', () => {
    expect(upgradeProblem('v1.32.1', 'v1.34.4')).toContain('v1.33');
    expect(upgradeProblem('v1.33.1', 'v1.34.4')).toBeUndefined();
  });
});
