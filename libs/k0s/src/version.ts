import { TerminalError } from '@k0smotron/core';
import semver from 'semver';

/** A k0s release, taken apart. */
export interface K0sVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `rc.1` of `v1.35.0-rc.1+k0s.0`; undefined for a release. */
  readonly prerelease: string | undefined;
  /** k0s's own revision of that Kubernetes version; undefined when the text does not say it. */
  readonly revision: number | undefined;
}

/** Releases from which on k0s behaves differently (CP-27, SR-5). */
export const floors = {
  /** The etcd member is named after the Machine through `extraArgs.name`. */
  etcdMemberName: 'v1.31.1',
  /** A controller leaves etcd through its EtcdMember object; before, through `k0s etcd leave` on the host. */
  leaveByEtcdMember: 'v1.31.6',
  /** Controllers join etcd as learners. */
  joinsAsLearner: 'v1.36.0',
  /** Workers on Windows. */
  windowsWorker: 'v1.34.2',
} as const;

const form =
  /^v?(\d+)\.(\d+)\.(\d+)(?:-((?!k0s\b)[0-9A-Za-z.]+?(?:-(?!k0s\b)[0-9A-Za-z.]+)*))?(?:[+-]k0s(?:\.(\d+))?)?$/;

/**
 * Reads every spelling that users and k0s itself write: `v1.34.4+k0s.0`, `v1.34.4-k0s.0` (image tags), `v1.34.4`, `1.34.4`
 * and `v1.34.4+k0s` (what a kubelet reports).
 *
 * @throws TerminalError `InvalidVersion` with an example of what to write.
 */
export function parseVersion(text: string): K0sVersion {
  const found = form.exec(text.trim());
  if (!found) {
    throw new TerminalError(
      'InvalidVersion',
      `${JSON.stringify(text)} is not a k0s version: write it like v1.34.4+k0s.0`,
    );
  }
  const [, major, minor, patch, prerelease, revision] = found;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease,
    revision: revision === undefined ? undefined : Number(revision),
  };
}

/** The one form used inside: `v1.34.4+k0s.0`. A spelling without a revision means revision 0, as in the original (B-02). */
export function canonicalVersion(text: string): string {
  const version = parseVersion(text);
  return `${core(version)}+k0s.${version.revision ?? 0}`;
}

/** What kubelets of this release report and core compares Machines with: `v1.34.4+k0s` (CP-03). */
export const kubeletVersion = (text: string): string => `${core(parseVersion(text))}+k0s`;

/** The tag of k0s's container image: `v1.34.4-k0s.0`, since tags may not hold a plus. */
export const imageTag = (text: string): string => canonicalVersion(text).replace('+', '-');

/** The plain Kubernetes version: `v1.34.4`. */
export const kubernetesVersion = (text: string): string => core(parseVersion(text));

/** Orders two versions, pre-releases and k0s revisions included (`+k0s.10` after `+k0s.9`): negative, zero or positive. */
export const compareVersions = (a: string, b: string): number =>
  semver.compareBuild(canonicalVersion(a), canonicalVersion(b));

/** True when two spellings name one release, so that a change of spelling never rolls a machine (CP-03). */
export const sameVersion = (a: string, b: string): boolean => canonicalVersion(a) === canonicalVersion(b);

/**
 * True when what a node or a binary reports is the wanted release. A report without a revision (`v1.34.4+k0s`, a kubelet's)
 * fits every revision of that version, because it cannot tell them apart.
 */
export function reportFits(reported: string, wanted: string): boolean {
  const seen = parseVersion(reported);
  if (seen.revision === undefined) return core(seen) === core(parseVersion(wanted));
  return sameVersion(reported, wanted);
}

/** True from `floor` on; pre-releases of the floor count as the floor. */
export function versionAtLeast(text: string, floor: string): boolean {
  const version = parseVersion(text);
  const from = parseVersion(floor);
  const order = [version.major - from.major, version.minor - from.minor, version.patch - from.patch];
  return (order.find((difference) => difference !== 0) ?? 0) >= 0;
}

/**
 * The version in the spelling of `example` (`+k0s.N`, `-k0s.N`, `+k0s`, bare, with or without `v`), for status fields that are
 * compared with spec (CP-03). A revision other than 0 is never left out.
 */
export function inSpellingOf(version: string, example: string): string {
  const written = /([+-]k0s)(\.\d+)?$/.exec(example);
  const plain = withV(example, kubernetesVersion(version));
  if (written?.[2] === undefined && (parseVersion(version).revision ?? 0) === 0) return plain + (written?.[1] ?? '');
  return withV(example, written?.[1] === '-k0s' ? imageTag(version) : canonicalVersion(version));
}

/** Why a control plane may not go from one version to another, or `undefined` when it may (CP-08). */
export function upgradeProblem(from: string, to: string): string | undefined {
  const [old, next] = [parseVersion(from), parseVersion(to)];
  if (old.major === next.major && next.minor > old.minor + 1) {
    return `from ${from} to ${to} skips a minor version: update to v${old.major}.${old.minor + 1} first`;
  }
  return undefined;
}

const core = ({ major, minor, patch, prerelease }: K0sVersion): string =>
  `v${major}.${minor}.${patch}${prerelease ? `-${prerelease}` : ''}`;

const withV = (example: string, version: string): string => (example.startsWith('v') ? version : version.slice(1));
