import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';

import { issue } from '@k0smotron/pki';
import type { CertificatePair, ClusterCertificates } from '@k0smotron/pki';
import { connectSsh } from '@k0smotron/ssh';

import { binary } from '../src/binaries/binary.ts';
import type { Machine } from '../src/machines/machine.ts';

const run = promisify(execFile);

const login = ({ address, sshKey }: Machine) =>
  connectSsh({ host: address, port: 22, user: 'root', privateKey: sshKey });

const clientOf = (authority: CertificatePair): Promise<CertificatePair> =>
  issue(authority, { commonName: 'contract', organization: ['system:masters'], usages: ['client'], days: 1 });

/** Status of `/readyz`, asked as the control-plane service does: on the host itself, as the name `kubernetes`. */
export async function apiReady(machine: Machine, { ca }: ClusterCertificates): Promise<number | undefined> {
  const client = await clientOf(ca);
  const session = await login(machine);
  try {
    const socket = await session.forward('127.0.0.1', 6443);
    const tls = { socket, ca: ca.certPem, cert: client.certPem, key: client.keyPem, servername: 'kubernetes' };
    return await new Promise((resolve, reject) => {
      const call = request({ path: '/readyz', createConnection: () => connect(tls) }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      call.on('error', reject).end();
    });
  } finally {
    session.close();
  }
}

/** The members, as etcdctl sees them through a port that SSH forwards to the host's loopback. */
export async function etcdMembers(machine: Machine, { etcd }: ClusterCertificates, folder: string): Promise<unknown[]> {
  const client = await clientOf(etcd);
  const files = { 'ca.crt': etcd.certPem, 'client.crt': client.certPem, 'client.key': client.keyPem };
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem, { mode: 0o600 });
  const session = await login(machine);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    session.forward('127.0.0.1', 2379).then(
      (channel) => channel.pipe(socket).pipe(channel),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const tls = ['--cacert', 'ca.crt', '--cert', 'client.crt', '--key', 'client.key'];
    const args = ['--endpoints', `https://localhost:${port}`, ...tls, 'member', 'list', '--write-out', 'json'];
    const { stdout } = await run(await binary('etcdctl'), args, { cwd: folder });
    const { members } = JSON.parse(stdout) as { members: { name: string; peerURLs: string[] }[] };
    return members.map(({ name, peerURLs }) => ({ name, peerURLs }));
  } finally {
    server.close();
    session.close();
    for (const name of Object.keys(files)) rmSync(join(folder, name));
  }
}
