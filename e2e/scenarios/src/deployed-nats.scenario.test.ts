import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectBus, type Bus } from '@k0smotron/bus';
import { aFact } from '@k0smotron/bus/testing';
import type { Logger } from '@k0smotron/core';
import { binary, claimPort, openLab, startProcess, type Lab, type LabProcess } from '@k0smotron/lab';
import { createCa, issue } from '@k0smotron/pki';
import { eventually } from '@k0smotron/testing';
import { repository } from './system/repository.ts';

/** Texts of the ConfigMap that production's NATS servers mount. */
const texts = {
  'nats.conf': 'deploy/nats/nats.conf',
  'security.conf': 'deploy/components/nats-tls/security.conf',
  'cluster.conf': 'deploy/overlays/production/cluster.conf',
};

interface Server {
  readonly name: string;
  readonly clients: number;
  readonly cluster: number;
  readonly monitoring: number;
}

describe('NATS as the overlay production runs it, on loopback', () => {
  let lab: Lab;
  let certDir: string;
  let servers: readonly Server[];
  let processes: readonly LabProcess[];
  let url: string;

  beforeAll(async () => {
    lab = await openLab();
    certDir = await certificates(lab);
    servers = await Promise.all(
      [0, 1, 2].map(async (at) => ({
        name: `nats-${at}`,
        clients: await claimPort(lab),
        cluster: await claimPort(lab),
        monitoring: await claimPort(lab),
      })),
    );
    processes = await Promise.all(servers.map((server) => start(lab, server, servers, certDir)));
    url = servers.map(({ clients }) => `tls://127.0.0.1:${clients}`).join(',');
  }, 60_000);
  afterAll(() => lab?.close());

  it('keeps facts on three servers, and goes on when one of them is gone', async () => {
    const bus = await connectBus({ url, certDir, streamReplicas: 3, name: 'test' });
    await stored(bus, 'before');
    expect(await copiesOfTheStream(servers)).toBe(3);
    await processes[0]?.stop('SIGKILL');
    await stored(bus, 'after');
    await bus.close();
  });

  it('refuses who has no certificate of its authority', async () => {
    const said: string[] = [];
    const note = (message: string, fields?: object): void => void said.push(`${message} ${JSON.stringify(fields)}`);
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    const stranger = join(lab.dir, 'stranger');
    await writeCertificate(stranger, await createCa({ commonName: 'somebody else', years: 1 }));
    await writeFile(join(stranger, 'ca.crt'), await readFile(join(certDir, 'ca.crt')));
    const bus = await connectBus({ url, certDir: stranger, name: 'stranger', logger });
    await eventually(() => expect(said.join('\n')).toContain('Waiting for NATS'), { timeoutMs: 20_000 });
    expect(await bus.publish(aFact('never'))).toBe('queued');
    expect(bus.healthy).toBe(false);
    await bus.close();
  });
});

async function stored(bus: Bus, name: string): Promise<void> {
  await eventually(async () => expect(await bus.publish(aFact(name))).toBe('stored'), { timeoutMs: 30_000 });
}

/** As `/jsz` of each server tells it; the one that was asked may not hold the stream yet. */
async function copiesOfTheStream(servers: readonly Server[]): Promise<number> {
  const seen = await Promise.all(
    servers.map(async ({ monitoring }) => (await fetch(`http://127.0.0.1:${monitoring}/jsz?streams=true`)).json()),
  );
  return seen.filter((each) => (each as { streams: number }).streams === 1).length;
}

async function certificates(lab: Lab): Promise<string> {
  const folder = join(lab.dir, 'nats-tls');
  await writeCertificate(folder, await createCa({ commonName: 'k0smotron-nats', years: 1 }));
  return folder;
}

/** A folder as a Secret of cert-manager looks when it is mounted. */
async function writeCertificate(folder: string, ca: Awaited<ReturnType<typeof createCa>>): Promise<void> {
  const { certPem, keyPem } = await issue(ca, {
    commonName: 'nats',
    dnsNames: ['localhost'],
    ips: ['127.0.0.1'],
    usages: ['server', 'client'],
    days: 30,
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.crt'), ca.certPem);
  await writeFile(join(folder, 'tls.crt'), certPem);
  await writeFile(join(folder, 'tls.key'), keyPem, { mode: 0o600 });
}

/** Starts a server with the texts of production; only ports, hosts and folders are those of this machine. */
async function start(lab: Lab, server: Server, all: readonly Server[], certDir: string): Promise<LabProcess> {
  const folder = join(lab.dir, server.name);
  await mkdir(folder, { recursive: true });
  for (const [name, source] of Object.entries(texts)) {
    const text = await readFile(join(repository, source), 'utf8');
    const here = all.reduce(
      (sofar, { name: host, cluster }) =>
        sofar.replace(`${host}.nats-servers.k0smotron-nats-system.svc:6222`, `127.0.0.1:${cluster}`),
      text
        .replaceAll('/etc/nats-tls', certDir)
        .replace('/data', join(folder, 'data'))
        .replace('port: 4222', `listen: 127.0.0.1:${server.clients}`)
        .replace('http: 8222', `http: 127.0.0.1:${server.monitoring}`)
        .replace('port: 6222', `listen: 127.0.0.1:${server.cluster}`),
    );
    await writeFile(join(folder, name), here);
  }
  return startProcess(lab, {
    name: server.name,
    command: await binary('nats-server'),
    args: ['--config', join(folder, 'nats.conf')],
    env: { POD_NAME: server.name },
  });
}
