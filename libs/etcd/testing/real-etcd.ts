import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { binary, claimPort, startProcess, type Lab, type LabProcess } from '@k0smotron/lab';
import { createCa, issue } from '@k0smotron/pki';
import { eventually } from '@k0smotron/testing';
import { connectEtcd, type EtcdConnection } from '../src/index.ts';
import type { EtcdWorld } from './etcd-world.ts';

interface Ports {
  readonly client: number;
  readonly peer: number;
}

/** Opens a TCP connection. @throws the system's error when nobody listens. */
export async function dial(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** A real etcd, with what it takes to knock at its door as somebody else. */
export interface RealEtcd extends EtcdWorld {
  readonly caPem: string;
  port(name: string): number;
}

/** Real etcd members in a lab, with certificates as k0s gives them: mutual TLS, names `localhost` and `127.0.0.1` only. */
export async function realEtcd(lab: Lab, names: readonly string[]): Promise<RealEtcd> {
  const program = await binary('etcd');
  const ca = await createCa({ commonName: 'etcd-ca', years: 1 });
  const request = { dnsNames: ['localhost'], ips: ['127.0.0.1'], days: 1 };
  const server = await issue(ca, { ...request, commonName: 'etcd-server', usages: ['server', 'client'] });
  const client = await issue(ca, { commonName: 'k0smotron', usages: ['client'], days: 1 });
  const files = { ca: join(lab.dir, 'ca.crt'), cert: join(lab.dir, 'server.crt'), key: join(lab.dir, 'server.key') };
  writeFileSync(files.ca, ca.certPem);
  writeFileSync(files.cert, server.certPem);
  writeFileSync(files.key, server.keyPem, { mode: 0o600 });

  const ports = new Map<string, Ports>();
  for (const name of names) ports.set(name, { client: await claimPort(lab), peer: await claimPort(lab) });
  const portsOf = (name: string): Ports => {
    const found = ports.get(name);
    if (!found) throw new Error(`no member ${name} was announced`);
    return found;
  };
  const peerUrl = (name: string): string => `https://127.0.0.1:${portsOf(name).peer}`;
  const running = new Map<string, LabProcess>();
  const connect = (name: string): Promise<EtcdConnection> =>
    connectEtcd({ open: () => dial(portsOf(name).client), caPem: ca.certPem, ...client, timeoutMs: 2_000 });

  const launch = async (name: string, initial: readonly string[], state: 'new' | 'existing'): Promise<void> => {
    const dataDir = join(lab.dir, `etcd-${name}`);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const clientUrl = `https://127.0.0.1:${portsOf(name).client}`;
    const tls = ['', 'peer-'].flatMap((kind) => [
      `--${kind}cert-file=${files.cert}`,
      `--${kind}key-file=${files.key}`,
      `--${kind}trusted-ca-file=${files.ca}`,
      `--${kind}client-cert-auth=true`,
    ]);
    const args = [
      `--name=${name}`,
      `--data-dir=${dataDir}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
      `--listen-peer-urls=${peerUrl(name)}`,
      `--initial-advertise-peer-urls=${peerUrl(name)}`,
      `--initial-cluster=${initial.map((one) => `${one}=${peerUrl(one)}`).join(',')}`,
      `--initial-cluster-state=${state}`,
      '--unsafe-no-fsync',
      ...tls,
    ];
    running.set(name, await startProcess(lab, { name: `etcd-${name}`, command: program, args }));
    await eventually(
      async () => {
        const admin = await connect(name);
        await admin.status().finally(() => admin.close());
      },
      { timeoutMs: 20_000, what: `etcd ${name}` },
    );
  };
  const joined: string[] = ['a'];
  await launch('a', joined, 'new');

  return {
    connect,
    endpoint: (name) => ({ name, connect: () => connect(name) }),
    peerUrl,
    caPem: ca.certPem,
    port: (name) => portsOf(name).client,
    start: async (name) => {
      if (!joined.includes(name)) joined.push(name);
      await launch(name, joined, 'existing');
    },
    stop: async (name) => {
      await running.get(name)?.stop('SIGKILL');
    },
    close: async () => {
      for (const one of running.values()) if (one.running()) await one.stop('SIGKILL');
    },
  };
}
