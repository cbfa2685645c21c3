import { createHash } from 'node:crypto';
import { TerminalError } from '@k0smotron/core';
import { canonicalVersion } from '../version.ts';

/** The only name of a Plan that Autopilot looks at. */
export const planName = 'autopilot';

/** Ids of Plans that we made begin so. */
const idPrefix = 'k0smotron-';

/** One node that Autopilot is to bring to a version. */
export interface NodeUpdate {
  /** `controller`: the name is that of a ControlNode; `worker`: that of a Node. */
  readonly role: 'controller' | 'worker';
  readonly node: string;
  readonly version: string;
  /** `spec.downloadURL` of its configuration; k0s' own releases when unset. */
  readonly downloadUrl?: string;
  /** Any word; another one makes another Plan, so that what failed is tried again. */
  readonly attempt?: string;
}

/** `spec` of a Plan. */
export interface UpdatePlanSpec {
  readonly id: string;
  readonly timestamp: string;
  readonly commands: readonly [{ readonly k0supdate: Readonly<Record<string, unknown>> }];
}

/**
 * The Plan for one node. Autopilot asks nobody about etcd between two controllers, so a Plan never names more than one: the
 * gate is asked before each (SR-4).
 *
 * @throws TerminalError `InvalidVersion`, `InvalidDownloadURL`.
 */
export function updatePlanSpec(update: NodeUpdate, now: Date): UpdatePlanSpec {
  const version = canonicalVersion(update.version); // Autopilot compares it letter by letter with what k0s reports
  const target = { discovery: { static: { nodes: [update.node] } } };
  return {
    id: planId(update),
    timestamp: now.toISOString(),
    commands: [{ k0supdate: { version, platforms: platformsOf(update), targets: { [`${update.role}s`]: target } } }],
  };
}

/**
 * Says which node goes to which version, and at which attempt: the same for the same wish, so that a failed Plan is not made
 * again before somebody changed something.
 */
export function planId({ node, version, downloadUrl = '', attempt = '' }: NodeUpdate): string {
  const wish = createHash('sha256')
    .update(JSON.stringify([downloadUrl, attempt]))
    .digest('hex');
  return `${idPrefix}${canonicalVersion(version)}-${node}-${wish.slice(0, 8)}`;
}

/** Whether we made the Plan of this id; others are never touched while they have something to do. */
export const isOurs = (id: string): boolean => id.startsWith(idPrefix);

const architectures = ['amd64', 'arm64', 'arm'] as const;

/** A URL that the user gave is taken for every architecture, as in the original (k0smotron-behaviour §7.1). */
function platformsOf({ version, downloadUrl }: NodeUpdate): Record<string, { readonly url: string }> {
  const custom = customUrl(downloadUrl);
  const release = canonicalVersion(version);
  const official = (arch: string): string => `https://get.k0sproject.io/${release}/k0s-${release}-${arch}`;
  return Object.fromEntries(architectures.map((arch) => [`linux-${arch}`, { url: custom ?? official(arch) }]));
}

function customUrl(text: string | undefined): string | undefined {
  if (!text || /^https:\/\/get\.k0s\.sh\/?$/.test(text)) return undefined; // the installer's script is no program
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text;
  throw new TerminalError(
    'InvalidDownloadURL',
    `Autopilot downloads over http and https only: update in place cannot use downloadURL ${JSON.stringify(text)}`,
  );
}
