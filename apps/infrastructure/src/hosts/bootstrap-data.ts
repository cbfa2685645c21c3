import { createHash } from 'node:crypto';
import { type RemoteMachine, Secret } from '@k0smotron/api';
import { TerminalError, type ObjectKey } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { parseCloudConfig, shellQuote, type BootstrapPlan } from '@k0smotron/provision';

/** What is to be run on a host, read from the bootstrap provider's Secret. Holds secrets. */
export interface BootstrapData {
  readonly plan: BootstrapPlan;
  /** Tells two data apart. */
  readonly digest: string;
}

/**
 * Reads and understands the bootstrap data of any provider's Machine.
 *
 * @throws TerminalError naming what cannot be executed over SSH; Error when the Secret is not there (yet).
 */
export async function readBootstrapData(
  kube: KubeClient,
  key: ObjectKey,
  machine: RemoteMachine,
  signal: AbortSignal,
): Promise<BootstrapData> {
  const secret = await kube.get(Secret, key, signal);
  const value = secret?.data?.['value'];
  if (value === undefined) throw new Error(`Secret ${key.name} with the bootstrap data under 'value' is not there`);
  const format = secret?.data?.['format'] ? fromBase64(secret.data['format']) : 'cloud-config';
  if (format !== 'cloud-config') {
    throw new TerminalError(
      'UnsupportedFormat',
      `Bootstrap data of format '${format}' cannot be executed over SSH: let the bootstrap config use cloud-config`,
    );
  }
  const text = fromBase64(value);
  return {
    plan: asScript(parseCloudConfig(text), machine),
    digest: createHash('sha256').update(text).digest('hex').slice(0, 16),
  };
}

/** With `commandsAsScript` all commands are one script that is uploaded and run once (k0smotron-behaviour §11.2). */
function asScript(plan: BootstrapPlan, { spec }: RemoteMachine): BootstrapPlan {
  if (!spec.commandsAsScript) return plan;
  const path = `${spec.workingDir || '/etc/k0smotron'}/k0s_install.sh`;
  const lines = plan.commands.map((command) =>
    typeof command === 'string' ? command : command.map(shellQuote).join(' '),
  );
  const content = `#!/bin/sh\nset -e\n${lines.join('\n')}\n`;
  return { ...plan, files: [...plan.files, { path, content, permissions: '0700' }], commands: [[path]] };
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
