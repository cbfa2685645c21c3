import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalVersion,
  compareVersions,
  imageTag,
  inSpellingOf,
  kubeletVersion,
  kubernetesVersion,
  parseVersion,
  reportFits,
  sameVersion,
  versionAtLeast,
} from './version.ts';

const small = fc.nat({ max: 40 });
const release = fc.record({
  major: fc.constant(1),
  minor: small,
  patch: small,
  pre: fc.option(fc.constantFrom('rc.0', 'rc.1', 'alpha.2', 'beta-1'), { nil: undefined }),
  revision: small,
});
const canonical = release.map(
  ({ major, minor, patch, pre, revision }) => `v${major}.${minor}.${patch}${pre ? `-${pre}` : ''}+k0s.${revision}`,
);
const spellings = (version: string): string[] => {
  const bare = version.replace(/^v/, '');
  const all = [version, bare, imageTag(version), imageTag(version).replace(/^v/, '')];
  return version.endsWith('+k0s.0') ? [...all, kubernetesVersion(version), kubernetesVersion(version).slice(1)] : all;
};

describe('versions, for any release', () => {
  it('has one canonical form for all spellings', () => {
    fc.assert(
      fc.property(canonical, (version) => {
        for (const spelling of spellings(version)) expect(canonicalVersion(spelling)).toBe(version);
      }),
    );
  });

  it('keeps the canonical form stable', () => {
    fc.assert(fc.property(canonical, (version) => canonicalVersion(canonicalVersion(version)) === version));
  });

  it('orders like the numbers that it is made of, whatever the spelling', () => {
    fc.assert(
      fc.property(canonical, canonical, fc.nat(), fc.nat(), (a, b, i, j) => {
        const [x, y] = [spellings(a)[i % spellings(a).length] ?? a, spellings(b)[j % spellings(b).length] ?? b];
        expect(compareVersions(x, y)).toBe(-compareVersions(y, x) + 0);
        expect(compareVersions(x, y) === 0).toBe(sameVersion(a, b));
        const [p, q] = [parseVersion(a), parseVersion(b)];
        if (p.minor !== q.minor) expect(Math.sign(compareVersions(x, y))).toBe(Math.sign(p.minor - q.minor));
      }),
    );
  });

  it('finds that a kubelet fits every revision of its version', () => {
    fc.assert(
      fc.property(canonical, small, (version, revision) => {
        expect(reportFits(kubeletVersion(version), version.replace(/\d+$/, String(revision)))).toBe(true);
      }),
    );
  });

  it('says a version in the spelling of an example, and means the same by it', () => {
    fc.assert(
      fc.property(canonical, canonical, fc.nat(), (version, other, i) => {
        const example = [other, imageTag(other), other.slice(1)][i % 3] ?? other;
        expect(sameVersion(inSpellingOf(version, example), version)).toBe(true);
      }),
    );
  });

  it('is at least itself', () => {
    fc.assert(fc.property(canonical, (version) => versionAtLeast(version, version)));
  });
});
