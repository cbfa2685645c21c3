import { messageOf } from '@k0smotron/core';
import { ConfigError } from './errors.ts';
import type { CredentialSource } from './kube-config.ts';

/**
 * Credentials of a kubeconfig user with `auth-provider: oidc`, refreshed by the official client. That client costs 50 MB
 * when it is part of a bundle, used or not (measured, ER-5), so it stays outside and is loaded only for such users: from a
 * checkout it is always there; our images run in clusters with service accounts and lack it.
 *
 * @throws ConfigError when the client is not installed or the provider refuses.
 */
export function oidcCredentials(kubeconfigYaml: string): CredentialSource {
  let loading: Promise<OfficialConfig> | undefined;
  return async () => {
    const config = await (loading ??= load(kubeconfigYaml));
    const options: { headers?: Record<string, unknown> } = {};
    await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
      throw new ConfigError(`the OIDC provider of the kubeconfig gave no token: ${messageOf(cause)}`, { cause });
    });
    const header = options.headers?.['Authorization'];
    if (typeof header !== 'string') throw new ConfigError('the OIDC provider of the kubeconfig gave no token');
    return { token: header.replace(/^Bearer /, '') };
  };
}

interface OfficialConfig {
  applyToHTTPSOptions(options: { headers?: Record<string, unknown> }): Promise<void>;
}

async function load(kubeconfigYaml: string): Promise<OfficialConfig> {
  const client = await import('@kubernetes/client-node').catch((cause: unknown) => {
    throw new ConfigError('auth-provider oidc needs the package @kubernetes/client-node beside this program', {
      cause,
    });
  });
  const config = new client.KubeConfig();
  config.loadFromString(kubeconfigYaml);
  return config;
}
