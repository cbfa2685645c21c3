import { access, readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { messageOf } from '@k0smotron/core';
import { ConfigError } from './errors.ts';
import { execCredentials } from './exec-credentials.ts';
import { fileCredentials, type CredentialFiles } from './file-credentials.ts';
import { oidcCredentials } from './oidc-credentials.ts';
import type { CredentialSource, KubeConfig } from './kube-config.ts';
import {
  currentContext,
  inlineConfig,
  readKubeConfigYaml,
  type ClusterEntry,
  type KubeConfigFile,
  type UserEntry,
} from './parse-kube-config.ts';

/** Where to look. */
export interface LoadOptions {
  /** The `--kubeconfig` flag; goes before everything else. */
  readonly path?: string;
  /** `process.env`, or nothing. Read: KUBECONFIG, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, HOME; exec plugins get all of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder of the pod's service account; for tests. */
  readonly serviceAccountDir?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const mountedServiceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the API server as Kubernetes tools do: the given path, else KUBECONFIG, else the pod's service account, else
 * `~/.kube/config`. Files that a kubeconfig names are read again when they change.
 *
 * @throws ConfigError one line that says what was tried.
 */
export async function loadKubeConfig(options: LoadOptions = {}): Promise<KubeConfig> {
  const { path, env = {}, serviceAccountDir = mountedServiceAccount } = options;
  if (path) return await fromFiles([path], env);
  const listed = env.KUBECONFIG?.split(delimiter).filter((entry) => entry !== '') ?? [];
  if (listed.length > 0) return await fromFiles(listed, env);
  if (env.KUBERNETES_SERVICE_HOST && (await exists(join(serviceAccountDir, 'token')))) {
    return await fromServiceAccount(env, serviceAccountDir);
  }
  const own = env.HOME ? join(env.HOME, '.kube', 'config') : undefined;
  if (own && (await exists(own))) return await fromFiles([own], env);
  throw new ConfigError('no kubeconfig: give --kubeconfig or KUBECONFIG, or run in a pod with a service account');
}

async function fromServiceAccount(env: Env, dir: string): Promise<KubeConfig> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const namespace = await readFile(join(dir, 'namespace'), 'utf8').catch(() => '');
  const credentials = fileCredentials({ token: join(dir, 'token'), caPem: join(dir, 'ca.crt') });
  await credentials({ renew: true });
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials,
    namespace: namespace.trim() || undefined,
  };
}

async function fromFiles(paths: readonly string[], env: Env): Promise<KubeConfig> {
  const files = await Promise.all(paths.map(readOne));
  const name = paths.join(delimiter);
  const merged = merge(files.filter((file) => file !== undefined));
  if (!merged) throw new ConfigError(`kubeconfig ${name}: no such file`);
  const context = currentContext(merged, name);
  const config = inlineConfig(context);
  const { cluster, user } = context;
  const provider = user['auth-provider'];
  if (provider && provider.name !== 'oidc') {
    throw new ConfigError(
      `kubeconfig ${name}: auth-provider ${provider.name} is no longer a way in, use an exec plugin`,
    );
  }
  const { namedFiles, fixed } = split(config, {
    caPem: config.caPem ? undefined : cluster['certificate-authority'],
    clientCertPem: config.clientCertPem ? undefined : user['client-certificate'],
    clientKeyPem: config.clientKeyPem ? undefined : user['client-key'],
    token: config.token ? undefined : user.tokenFile,
  });
  const sources: CredentialSource[] = [];
  if (Object.keys(namedFiles).length > 0) {
    const credentials = fileCredentials(namedFiles, fixed);
    await credentials({ renew: true });
    sources.push(credentials);
  }
  if (user.exec) sources.push(execCredentials(user.exec, { env, cluster: clusterInfo(cluster) }));
  if (provider) sources.push(oidcCredentials(JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...merged })));
  return sources.length === 0 ? config : { ...config, credentials: together(sources) };
}

/** A CA in a file and a token from a plugin, for example. */
const together =
  (sources: readonly CredentialSource[]): CredentialSource =>
  async (options) => {
    const parts = await Promise.all(sources.map((source) => source(options)));
    return parts.reduce((all, part) => ({ ...all, ...part }), {});
  };

const split = (
  { caPem, clientCertPem, clientKeyPem }: KubeConfig,
  paths: Partial<Record<keyof CredentialFiles, string | undefined>>,
): { namedFiles: CredentialFiles; fixed: { caPem?: string; clientCertPem?: string; clientKeyPem?: string } } => ({
  namedFiles: Object.fromEntries(Object.entries(paths).filter(([, path]) => path)),
  fixed: { caPem, clientCertPem, clientKeyPem },
});

/** One file with its relative names made absolute; undefined when it is not there, as kubectl skips it. */
async function readOne(path: string): Promise<KubeConfigFile | undefined> {
  let yaml: string;
  try {
    yaml = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError(`kubeconfig ${path}: ${messageOf(cause)}`, { cause });
  }
  const file = readKubeConfigYaml(yaml, `kubeconfig ${path}`);
  const absolute = <E extends object>(entry: E | undefined, fields: readonly (keyof E)[]): E | undefined => {
    if (!entry) return entry;
    const named = fields.filter((field) => typeof entry[field] === 'string' && entry[field] !== '');
    return { ...entry, ...Object.fromEntries(named.map((f) => [f, resolve(dirname(path), entry[f] as string)])) };
  };
  return {
    ...file,
    clusters: file.clusters?.map((e) => ({ ...e, cluster: absolute(e.cluster, ['certificate-authority']) })),
    users: file.users?.map((e) => ({
      ...e,
      user: withCommandAt(absolute(e.user, ['client-certificate', 'client-key', 'tokenFile']), dirname(path)),
    })),
  };
}

/** A plugin named by a path, not found by PATH, is relative to the kubeconfig too. */
function withCommandAt(user: UserEntry | undefined, dir: string): UserEntry | undefined {
  const command = user?.exec?.command;
  if (!command?.includes('/')) return user;
  return { ...user, exec: { ...user?.exec, command: resolve(dir, command) } };
}

/** What an exec plugin may ask to be told: the cluster entry, in which no file is named. */
const clusterInfo = (cluster: ClusterEntry): Readonly<Record<string, unknown>> => {
  const { 'certificate-authority': _, ...told } = cluster;
  return told;
};

/** Entries of earlier files go before those of later ones. */
function merge(files: readonly KubeConfigFile[]): KubeConfigFile | undefined {
  if (files.length === 0) return undefined;
  return {
    'current-context': files.find((file) => file['current-context'])?.['current-context'],
    clusters: files.flatMap((file) => file.clusters ?? []),
    users: files.flatMap((file) => file.users ?? []),
    contexts: files.flatMap((file) => file.contexts ?? []),
  };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
