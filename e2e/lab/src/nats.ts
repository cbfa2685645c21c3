import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { binary } from './binaries/binary.ts';
import { claimPort } from './claims.ts';
import { probe } from './http-probe.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import type { LabProcess } from './start-process.ts';
import { assertRunning, startProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** A NATS server with JetStream. */
export interface NatsServer {
  readonly url: string;
  /** Ends it; its streams stay on the disk. */
  stop(): Promise<void>;
  /** Starts it again at the same address with the same streams. */
  start(): Promise<void>;
}

/**
 * Starts nats-server on loopback, JetStream with a file store in the lab's folder, and waits until it is healthy.
 * @throws LabError with the end of its log when it does not come up.
 */
export async function startNats(lab: Lab): Promise<NatsServer> {
  const command = await binary('nats-server');
  const store = join(lab.dir, 'nats');
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const [port, monitorPort] = [await claimPort(lab), await claimPort(lab)];
  let server: LabProcess | undefined;

  const start = async (): Promise<void> => {
    if (server?.running()) return;
    const started = await startProcess(lab, {
      name: 'nats-server',
      command,
      args: [
        '--addr',
        '127.0.0.1',
        '--port',
        String(port),
        '--http_port',
        String(monitorPort),
        '--jetstream',
        '--store_dir',
        store,
      ],
    });
    server = started;
    const healthy = async (): Promise<boolean> =>
      (await probe(`http://127.0.0.1:${monitorPort}/healthz`)).status === 200;
    await waitUntil(() => (assertRunning(started), healthy()), { what: 'nats-server', timeoutMs: 30_000 });
  };
  await start();
  const url = `nats://127.0.0.1:${port}`;
  writeFileSync(urlFile(lab), url);

  return {
    url,
    start,
    async stop() {
      await server?.stop();
      server = undefined;
    },
  };
}

const urlFile = (lab: Lab): string => join(lab.dir, 'nats-url');

/**
 * Address of a lab's NATS.
 * @throws LabError when it has none.
 */
export function natsUrlOf(lab: Lab): string {
  if (!existsSync(urlFile(lab)))
    throw new LabError(`lab ${lab.name} has no NATS: npm run lab -- up --name ${lab.name}`);
  return readFileSync(urlFile(lab), 'utf8');
}
