import { createHash } from 'node:crypto';

import ssh2 from 'ssh2';
import type { ClientChannel } from 'ssh2';

/** What one command over SSH gave. */
export interface SshResult {
  readonly code: number;
  readonly stdout: string;
  /** `SHA256:…` of the key that the host showed. */
  readonly hostKey: string;
}

/** Logs in, runs one command, logs out: a machine as the product will meet it. */
export function overSsh(host: string, username: string, privateKey: string, command: string): Promise<SshResult> {
  const client = new ssh2.Client();
  let hostKey = '';
  return new Promise<SshResult>((resolve, reject) => {
    client.once('error', reject);
    client.once('ready', () => {
      client.exec(command, (error, channel) => {
        if (error) reject(error);
        else collect(channel).then(({ code, stdout }) => resolve({ code, stdout, hostKey }), reject);
      });
    });
    client.connect({
      host,
      username,
      privateKey,
      readyTimeout: 20_000,
      hostVerifier: (key: Buffer) => {
        hostKey = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
        return true;
      },
    });
  }).finally(() => client.end());
}

function collect(channel: ClientChannel): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let code = -1;
    channel.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    channel.stderr.resume();
    channel.once('exit', (status: number | null) => (code = status ?? -1));
    channel.once('close', () => resolve({ code, stdout }));
    channel.once('error', reject);
  });
}
