import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Secret } from '@k0smotron/api';
import type { System } from '../system/start-system.ts';
import type { SecretSearch } from './search.ts';

const password = (what: string): string => `Plant-${what}-${randomBytes(12).toString('hex')}`;

/** What users give to the services to keep, made up for one run. */
export interface Plants {
  /** In hand-made bootstrap data, of a machine that comes to its end and of one whose command fails. */
  readonly userDataPassword: string;
  /** Printed by a command that fails, as `password=…`. */
  readonly printedPassword: string;
  /** More lines than are shown of a failed command, which prints it. */
  readonly printedKey: string;
  /** In a Secret that files of a config refer to. */
  readonly fileSecret: string;
  /** What opens a store of snapshots. */
  readonly storeKey: string;
  /** In the k0s configuration of a control plane. */
  readonly k0sConfigPassword: string;
  /** An SSH key that no host accepts. */
  readonly strangersKey: string;
  /** An SSH key that cannot be read. */
  readonly brokenKey: string;
}

/** Makes the plants of one run. */
export function makePlants(): Plants {
  const rsa = (bits: number): string =>
    generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const lines = Array.from({ length: 6 }, () => randomBytes(52).toString('base64').slice(0, 70)).join('\n');
  return {
    userDataPassword: password('data'),
    printedPassword: password('printed'),
    printedKey: rsa(4096),
    fileSecret: password('file'),
    storeKey: password('store'),
    k0sConfigPassword: password('k0s'),
    strangersKey: rsa(2048),
    brokenKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
}

/** Lets all private parts of all Secrets that there are now be searched for, under the Secret's name. */
export async function addSecrets(search: SecretSearch, { kube }: System): Promise<void> {
  for (const { metadata, data = {} } of await kube.list(Secret)) {
    for (const [key, value] of Object.entries(data)) {
      const text = Buffer.from(value, 'base64').toString('utf8');
      for (const [at, secret] of privateParts(text).entries()) search.add(`${metadata.name} ${key} ${at}`, secret);
    }
  }
}

/** Private keys in PEM, client keys of kubeconfigs, join tokens and what is in them. */
function privateParts(text: string): string[] {
  const keys = text.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g) ?? [];
  const encoded = [...text.matchAll(/client-key-data["']?: *["']?([A-Za-z0-9+/=]{40,})/g)].map(([, it = '']) => it);
  const tokens = text.match(/\bH4sI[A-Za-z0-9+/]{100,}={0,2}/g) ?? [];
  const inTokens = tokens.flatMap((token) => {
    const kubeconfig = gunzipSync(Buffer.from(token, 'base64')).toString('utf8');
    return [...kubeconfig.matchAll(/\b[a-z0-9]{6}\.([a-z0-9]{16})\b/g)].map(([, secret = '']) => secret);
  });
  return [...keys, ...encoded, ...tokens, ...inTokens];
}
