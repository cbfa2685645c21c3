import type { KeyPair } from './pki.ts';

/** What a kubeconfig says: one server, one user with a client certificate. */
export interface KubeconfigParts {
  readonly url: string;
  readonly caPem: string;
  readonly user: string;
  readonly credentials: KeyPair;
}

/** A kubeconfig with everything inside. JSON is YAML. */
export function renderKubeconfig({ url, caPem, user, credentials }: KubeconfigParts): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority-data': base64(caPem) } }],
      users: [
        {
          name: user,
          user: {
            'client-certificate-data': base64(credentials.certPem),
            'client-key-data': base64(credentials.keyPem),
          },
        },
      ],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
      'current-context': 'lab',
    },
    undefined,
    2,
  );
}
