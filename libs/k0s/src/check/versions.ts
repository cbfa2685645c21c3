import { messageOf } from '@k0smotron/core';
import { canonicalVersion, parseVersion } from '../version.ts';
import type { Finding } from '@k0smotron/core';

/** Whether a version can be read at all; absent is fine. */
export function versionFindings(version: string | undefined, field: string): Finding[] {
  if (!version) return [];
  try {
    parseVersion(version);
    return [];
  } catch (error) {
    return [{ field, message: messageOf(error) }];
  }
}

/** A version without k0s's own number means its first release, which users should know. */
export function spellingFindings(version: string | undefined, field: string): Finding[] {
  if (!version || versionFindings(version, field).length > 0) return [];
  const meant = canonicalVersion(version);
  if (parseVersion(version).revision === undefined) {
    return [{ field, message: `${version} means ${meant}: write it out`, warning: true }];
  }
  return meant.slice(1) === version.replace(/^v/, '')
    ? []
    : [{ field, message: `${version} is the spelling of image tags: write ${meant}`, warning: true }];
}

/** What runs, as a status tells it. */
export interface RunningVersions {
  readonly version?: string;
  readonly versions?: readonly { readonly version: string }[];
}

/**
 * A control plane goes one minor version up at a time and never down (CP-08). Held against what runs, not against what was
 * wanted last: two quick changes would skip a version as well, and a change that nothing has followed yet may be taken back.
 */
export function skewFindings(
  wanted: string | undefined,
  running: RunningVersions | undefined,
  field: string,
): Finding[] {
  const texts = [running?.version, ...(running?.versions ?? []).map(({ version }) => version)];
  const next = readable(wanted);
  return [...new Set(texts)].flatMap((text) => {
    const present = readable(text);
    if (!next || !present || next.major !== present.major) return [];
    if (next.minor > present.minor + 1) {
      const step = `v${present.major}.${present.minor + 1}`;
      return [{ field, message: `${text} still runs: update to ${step} and wait until all controllers have it` }];
    }
    if (next.minor < present.minor) {
      return [{ field, message: `${text} runs already, and etcd cannot go back: write that version or a later one` }];
    }
    return [];
  });
}

const readable = (version: string | undefined): ReturnType<typeof parseVersion> | undefined =>
  version && versionFindings(version, '').length === 0 ? parseVersion(version) : undefined;
