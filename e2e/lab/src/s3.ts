import { binary } from './binaries/binary.ts';
import { claimPort } from './claims.ts';
import { probe } from './http-probe.ts';
import type { Lab } from './lab.ts';
import { assertRunning, startProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** An S3 service that forgets everything when it ends. It takes any credentials, addresses buckets by path, and has no TLS. */
export interface S3Server {
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: string;
  stop(): Promise<void>;
}

/** Starts gofakes3 with one bucket. @throws LabError with the end of its log when it does not come up */
export async function startS3(lab: Lab): Promise<S3Server> {
  const command = await binary('gofakes3');
  const port = await claimPort(lab);
  const bucket = 'snapshots';
  const server = await startProcess(lab, {
    name: 'gofakes3',
    command,
    args: ['-host', `127.0.0.1:${port}`, '-backend', 'memory', '-initialbucket', bucket, '-quiet'],
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => (await probe(`${endpoint}/${bucket}`)).status === 200;
  await waitUntil(() => (assertRunning(server), answers()), { what: 'gofakes3', timeoutMs: 30_000 });
  return { endpoint, port, bucket, stop: () => server.stop() };
}
