import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { probe } from './http-probe.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { createAuthority, createServiceAccountKeys } from './pki.ts';

/** Where one control plane keeps its things. */
export interface ControlPlaneFiles {
  readonly dir: string;
  readonly caPath: string;
  readonly serverCertPath: string;
  readonly serverKeyPath: string;
  readonly serviceAccountKeyPath: string;
  readonly serviceAccountPublicPath: string;
  readonly kubeconfigPath: string;
}

/** Writes certificates, keys and kubeconfig of a control plane that answers at `url`; `ready` asks it with them. */
export async function writeFiles(
  dir: string,
  url: string,
  host: string,
): Promise<{ files: ControlPlaneFiles; caPem: string; ready: () => Promise<boolean> }> {
  const authority = await createAuthority('k0smotron lab');
  const server = await authority.server([
    host,
    '127.0.0.1',
    '10.96.0.1',
    'localhost',
    'kubernetes',
    'kubernetes.default.svc',
  ]);
  const admin = await authority.client('lab-admin', ['system:masters']);
  const serviceAccount = createServiceAccountKeys();
  mkdirSync(join(dir, 'pki'), { recursive: true, mode: 0o700 });
  const write = (file: string, content: string): string => {
    writeFileSync(join(dir, file), content, { mode: 0o600 });
    return join(dir, file);
  };
  const files: ControlPlaneFiles = {
    dir,
    caPath: write('pki/ca.crt', authority.certPem),
    serverCertPath: write('pki/server.crt', server.certPem),
    serverKeyPath: write('pki/server.key', server.keyPem),
    serviceAccountKeyPath: write('pki/sa.key', serviceAccount.privatePem),
    serviceAccountPublicPath: write('pki/sa.pub', serviceAccount.publicPem),
    kubeconfigPath: write(
      'admin.kubeconfig',
      renderKubeconfig({ url, caPem: authority.certPem, user: 'lab-admin', credentials: admin }),
    ),
  };
  const ready = async (): Promise<boolean> => {
    const { status } = await probe(`${url}/readyz`, { ca: authority.certPem, cert: admin.certPem, key: admin.keyPem });
    return status === 200;
  };
  return { files, caPem: authority.certPem, ready };
}
