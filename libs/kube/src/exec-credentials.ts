import { execFile } from 'node:child_process';
import { systemClock, type Clock } from '@k0smotron/core';
import { ConfigError } from './errors.ts';
import type { Credentials, CredentialSource } from './kube-config.ts';

/** A kubeconfig user's `exec`, as far as we read it. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
  readonly installHint?: string;
}

/** What the plugin may need to know. */
export interface ExecContext {
  /** The environment that the plugin is run in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told to the plugin when it asks for `provideClusterInfo`. */
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
}

interface ExecStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

const knownVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const limitMs = 60_000;
/** Asked again so long before the end, since a call takes time too. */
const marginMs = 10_000;

/**
 * Credentials from a plugin (`exec` in a kubeconfig), run again shortly before they end and after the server refused them.
 * Ours rather than the official client's: having that in a bundle costs 50 MB of memory, used or not (measured, ER-5).
 *
 * @throws ConfigError when the plugin cannot be run or answers something else; its output is never quoted, only its errors.
 */
export function execCredentials(exec: ExecEntry, context: ExecContext): CredentialSource {
  const { clock = systemClock } = context;
  let got: { readonly credentials: Credentials; readonly endsAtMs: number } | undefined;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    try {
      const status = await runPlugin(exec, context);
      const credentials = {
        ...(status.token ? { token: status.token } : {}),
        ...(status.clientCertificateData ? { clientCertPem: status.clientCertificateData } : {}),
        ...(status.clientKeyData ? { clientKeyPem: status.clientKeyData } : {}),
      };
      const endsAtMs = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Infinity;
      got = { credentials, endsAtMs };
    } finally {
      running = undefined;
    }
  };

  return async ({ renew }) => {
    if (renew || !got || clock.now().getTime() >= got.endsAtMs - marginMs) await (running ??= run());
    return got?.credentials ?? {};
  };
}

async function runPlugin(exec: ExecEntry, { env, cluster }: ExecContext): Promise<ExecStatus> {
  const { apiVersion = '', command, args, env: extra, interactiveMode, provideClusterInfo, installHint } = exec;
  if (!command) throw new ConfigError('kubeconfig: exec has no command');
  if (!knownVersions.includes(apiVersion)) {
    throw new ConfigError(`kubeconfig: exec has apiVersion "${apiVersion}", known are ${knownVersions.join(', ')}`);
  }
  if (interactiveMode === 'Always')
    throw new ConfigError(`kubeconfig: exec ${command} needs a terminal, there is none`);
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) };
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const ownEnv = Object.fromEntries((extra ?? []).map(({ name, value }) => [name, value]));
  const options = { env: { ...env, ...ownEnv, KUBERNETES_EXEC_INFO: info }, timeout: limitMs, maxBuffer: 1 << 20 };

  const stdout = await new Promise<string>((resolve, reject) => {
    const child = execFile(command, args ?? [], options, (error, out, errors) => {
      if (!error) return resolve(out);
      const said = errors.trim().split('\n').at(-1)?.slice(0, 200);
      const why = error.code === 'ENOENT' ? (installHint?.trim().split('\n')[0] ?? 'it is not installed') : said;
      reject(new ConfigError(`kubeconfig: exec ${command} failed (${error.code ?? error.signal}): ${why}`));
    });
    child.stdin?.end();
  });
  return statusIn(stdout, command);
}

function statusIn(stdout: string, command: string): ExecStatus {
  try {
    const { kind, status } = JSON.parse(stdout) as { kind?: string; status?: ExecStatus };
    if (kind === 'ExecCredential' && (status?.token || status?.clientCertificateData)) return status;
  } catch {
    // Said below, without the parser's quotation of what may be a token.
  }
  throw new ConfigError(`kubeconfig: exec ${command} gave no ExecCredential with a token or a certificate`);
}
