import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@k0smotron/testing';
import { type KeyPair, newKeyPair } from './keys.ts';

/** OpenSSH's own server, on loopback. */
export interface Sshd {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** Fingerprint of its Ed25519 key. */
  readonly hostKey: string;
  /** Every host key, one of each type. */
  readonly hostKeys: readonly KeyPair[];
  /** Kills the processes that serve connections, as a network cut would; the listener goes on. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

/** Where sshd is on this machine; `undefined` when it has none. */
export const sshdBinary = (): string | undefined =>
  ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path));

/** Starts sshd in the foreground on a free port, with keys and folder of its own. Needs root. */
export async function startSshd(binary: string, extraConfig: readonly string[] = []): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), 'sshd-'));
  const hostKeys = [newKeyPair('ed25519'), newKeyPair('ecdsa'), newKeyPair('rsa')];
  const login = newKeyPair();
  const port = await freePort();
  for (const [index, key] of hostKeys.entries())
    await writeFile(join(dir, `host-${index}`), key.privateKey, { mode: 0o600 });
  await writeFile(join(dir, 'authorized_keys'), `${login.publicKey}\n`, { mode: 0o600 });
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((_, index) => `HostKey ${join(dir, `host-${index}`)}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'LogLevel ERROR',
    ...extraConfig,
  ];
  await writeFile(join(dir, 'sshd_config'), `${config.join('\n')}\n`);
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const daemon = spawn(binary, ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  daemon.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await eventually(() => answers(port, daemon, () => said), { what: 'sshd' });

  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: login.privateKey,
    hostKey: hostKeys[0]?.fingerprint ?? '',
    hostKeys,
    cut: () => killChildren(daemon.pid ?? 0),
    stop: async () => {
      await killChildren(daemon.pid ?? 0);
      const gone = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number, daemon: ChildProcess, said: () => string): Promise<void> {
  if (daemon.exitCode !== null) throw new Error(`sshd ended: ${said()}`);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** SIGKILL to sshd's own children only; what they started gets no signal, as when a cable is pulled. */
async function killChildren(pid: number): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.trim().split(' ').filter(Boolean)) {
    try {
      process.kill(Number(child), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
