import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { binary, startProcess, type Lab } from '@k0smotron/lab';

const namespace = 'default';

/**
 * Runs the first member of a hosted plane's etcd as its pod would: with the certificates from Secrets, on etcd's own port of
 * a loopback address that serves as the pod's.
 */
export async function startMember(
  { lab, kube }: { readonly lab: Lab; readonly kube: KubeClient },
  { cluster, address }: { readonly cluster: string; readonly address: string },
): Promise<void> {
  const dir = join(lab.dir, `${cluster}-etcd`);
  mkdirSync(dir, { mode: 0o700 });
  const file = async (secret: string, key: string): Promise<string> => {
    const stored = await kube.get(Secret, { namespace, name: `${cluster}-${secret}` });
    const path = join(dir, `${secret}.${key}`);
    writeFileSync(path, Buffer.from(stored?.data?.[key] ?? '', 'base64'), { mode: 0o600 });
    return path;
  };
  const ca = await file('etcd', 'tls.crt');
  const name = `kmc-${cluster}-etcd-0`;
  const peerUrl = `https://${name}.kmc-${cluster}-etcd.${namespace}.svc:2380`;
  await startProcess(lab, {
    name: `etcd-of-${cluster}`,
    command: await binary('etcd'),
    args: [
      `--name=${name}`,
      `--data-dir=${join(dir, 'data')}`,
      `--listen-client-urls=https://${address}:2379`,
      `--advertise-client-urls=https://${address}:2379`,
      `--listen-peer-urls=https://${address}:2380`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=${name}=${peerUrl}`,
      '--unsafe-no-fsync',
      `--cert-file=${await file('etcd-server', 'tls.crt')}`,
      `--key-file=${await file('etcd-server', 'tls.key')}`,
      `--peer-cert-file=${await file('etcd-peer', 'tls.crt')}`,
      `--peer-key-file=${await file('etcd-peer', 'tls.key')}`,
      ...['', 'peer-'].flatMap((kind) => [`--${kind}trusted-ca-file=${ca}`, `--${kind}client-cert-auth=true`]),
    ],
  });
}
