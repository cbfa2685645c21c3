import { load } from 'js-yaml';
import { messageOf } from '@k0smotron/core';
import { ConfigError } from './errors.ts';
import type { ExecEntry } from './exec-credentials.ts';
import type { KubeConfig } from './kube-config.ts';

/** A `clusters[]` entry, as far as we read it. */
export interface ClusterEntry {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

/** A `users[]` entry, as far as we read it. */
export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly exec?: ExecEntry;
  readonly 'auth-provider'?: { readonly name: string };
  readonly username?: string;
}

/** A kubeconfig file after YAML. */
export interface KubeConfigFile {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster?: ClusterEntry }[];
  readonly users?: readonly { readonly name: string; readonly user?: UserEntry }[];
  readonly contexts?: readonly {
    readonly name: string;
    readonly context?: { readonly cluster?: string; readonly user?: string; readonly namespace?: string };
  }[];
}

/** The chosen context's cluster and user. */
export interface CurrentContext {
  readonly cluster: ClusterEntry & { readonly server: string };
  readonly user: UserEntry;
  readonly namespace?: string;
}

/** Reads the YAML. Throws ConfigError; the parser's quotation of the text is left out, it may show a key. */
export function readKubeConfigYaml(yaml: string, name = 'kubeconfig'): KubeConfigFile {
  let file: unknown;
  try {
    file = load(yaml);
  } catch (cause) {
    const where = messageOf(cause).split('\n')[0];
    throw new ConfigError(`${name}: not YAML: ${where}`);
  }
  if (typeof file !== 'object' || file === null) throw new ConfigError(`${name}: it is empty or not a kubeconfig`);
  return file;
}

/** Follows `current-context`. Throws ConfigError naming what is missing. */
export function currentContext(file: KubeConfigFile, name = 'kubeconfig'): CurrentContext {
  const wanted = file['current-context'] || (file.contexts?.length === 1 ? file.contexts[0]?.name : undefined);
  if (!wanted) throw new ConfigError(`${name}: current-context is not set`);
  const context = file.contexts?.find((entry) => entry.name === wanted)?.context;
  if (!context) throw new ConfigError(`${name}: there is no context ${wanted}`);
  const cluster = file.clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  const server = cluster?.server;
  if (!cluster || !server) throw new ConfigError(`${name}: there is no cluster ${context.cluster ?? ''} with a server`);
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new ConfigError(`${name}: the server ${server} is not an http(s) URL`);
  }
  const user = file.users?.find((entry) => entry.name === context.user)?.user ?? {};
  return { cluster: { ...cluster, server }, user, namespace: context.namespace };
}

/** The part that needs no file: inline certificates, keys and token. */
export function inlineConfig({ cluster, user, namespace }: CurrentContext): KubeConfig {
  return {
    server: cluster.server,
    caPem: fromBase64(cluster['certificate-authority-data']),
    clientCertPem: fromBase64(user['client-certificate-data']),
    clientKeyPem: fromBase64(user['client-key-data']),
    token: user.token || undefined,
    proxyUrl: cluster['proxy-url'] || undefined,
    tlsServerName: cluster['tls-server-name'] || undefined,
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'],
    namespace,
  };
}

/**
 * Reads a kubeconfig that came from somewhere else, such as a Secret. Only inline data is accepted: a file name or an `exec`
 * plugin in it would let its author read our files or run programs here.
 *
 * @throws ConfigError one line, without any of the content.
 */
export function parseKubeConfig(yaml: string): KubeConfig {
  const context = currentContext(readKubeConfigYaml(yaml));
  const refused = [
    ...(['certificate-authority'] as const).filter((field) => context.cluster[field]),
    ...(['client-certificate', 'client-key', 'tokenFile', 'exec', 'auth-provider'] as const).filter(
      (field) => context.user[field],
    ),
  ];
  if (refused.length > 0) {
    throw new ConfigError(`kubeconfig: ${refused.join(', ')} is not allowed here, only inline data is`);
  }
  return inlineConfig(context);
}

const fromBase64 = (data: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : undefined;
