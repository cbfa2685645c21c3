import { bytesOf, type BootstrapPlan, type HostCommand, type HostFile } from './plan.ts';
import { shellQuote } from './shell-quote.ts';

/** How Ignition data is written. */
export interface IgnitionOptions {
  /** Ignition's own specification version, `3.4.0` unless told. */
  readonly version?: string;
  /** More Ignition configs as JSON text, merged after ours; each must have the same version. */
  readonly merge?: readonly string[];
}

const scriptPath = '/opt/k0smotron/bootstrap.sh';
const donePath = '/var/lib/k0smotron-bootstrap.done';

/**
 * Writes an Ignition config (plain JSON, specification 3.x): the files, and one unit that runs the commands as one script
 * once. Early commands run with the others, since Ignition has no earlier place.
 *
 * @throws when a merged config is no JSON or of another version.
 */
export function toIgnition(plan: BootstrapPlan, { version = '3.4.0', merge = [] }: IgnitionOptions = {}): string {
  for (const other of merge) {
    const found = (JSON.parse(other) as { ignition?: { version?: string } }).ignition?.version;
    if (found !== version)
      throw new Error(`the additional Ignition config has version ${found ?? 'none'}, ours ${version}`);
  }
  const commands = [...(plan.earlyCommands ?? []), ...plan.commands];
  const script: HostFile = { path: scriptPath, content: scriptOf(commands), permissions: '0700' };
  const sources = merge.map((config) => ({ source: dataUrl(Buffer.from(config)) }));
  return JSON.stringify({
    ignition: { version, ...(sources.length > 0 ? { config: { merge: sources } } : {}) },
    storage: { files: [...plan.files, script].map((file) => ignitionFile(file)) },
    systemd: { units: [{ name: 'k0s-bootstrap.service', enabled: true, contents: unit }] },
  });
}

const unit = `[Unit]
Description=k0s bootstrap
Wants=network-online.target
After=network-online.target
ConditionPathExists=!${donePath}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${scriptPath}

[Install]
WantedBy=multi-user.target
`;

const lineOf = (command: HostCommand): string =>
  typeof command === 'string' ? command : command.map((word) => shellQuote(word)).join(' ');

const scriptOf = (commands: readonly HostCommand[]): string =>
  ['#!/bin/sh', 'set -e', ...commands.map((command) => lineOf(command)), `touch ${donePath}`, ''].join('\n');

const dataUrl = (data: Buffer): string => `data:;base64,${data.toString('base64')}`;

function ignitionFile(file: HostFile): Record<string, unknown> {
  const [user, group] = (file.owner ?? '').split(':');
  const contents = { source: dataUrl(bytesOf(file)) };
  return {
    path: file.path,
    mode: Number.parseInt(file.permissions ?? '0644', 8),
    ...(user ? { user: { name: user } } : {}),
    ...(group ? { group: { name: group } } : {}),
    ...(file.append ? { append: [contents] } : { overwrite: true, contents }),
  };
}
