import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { type KeyPair, newKeyPair } from './keys.ts';

/** What a fake host is like. */
export interface FakeHostOptions {
  /** `root` unless told. Any other user looks like uid 1000 to `id -u`. */
  readonly user?: string;
  readonly sudo?: 'passwordless' | 'denied' | 'absent';
  readonly hostKeys?: readonly KeyPair[];
  /** The shell that runs commands, `sh` unless told; e.g. `['busybox', 'sh']`. */
  readonly shell?: readonly string[];
}

/** An SSH server in this process, whose commands are real ones of this machine. */
export interface FakeHost {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The key that it lets in. */
  readonly privateKey: string;
  readonly hostKey: string;
  /** Each command line that came, in order. */
  readonly commands: readonly string[];
  /** Drops all connections without a word; their commands get a hang-up, detached ones live on. */
  cut(): void;
  stop(): Promise<void>;
}

/** Starts a host on a free loopback port. */
export async function startFakeHost(options: FakeHostOptions = {}): Promise<FakeHost> {
  const { user = 'root', sudo = 'passwordless', hostKeys = [newKeyPair()], shell = ['sh'] } = options;
  const login = newKeyPair();
  const bin = await fakeBin(user, sudo);
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  const allowed = ssh2.utils.parseKey(login.publicKey);
  if (allowed instanceof Error) throw allowed;

  const server = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.privateKey) }, (connection) => {
    authenticate(connection, {
      user,
      blob: allowed.getPublicSSH(),
      verify: (data, sig, algo) => allowed.verify(data, sig, algo),
    });
    connection.on('error', () => undefined);
    connection.on('session', (accept) => {
      const session = accept();
      let child: ChildProcess | undefined;
      session.on('exec', (acceptExec, _reject, { command }) => {
        commands.push(command);
        child = spawn(shell[0] ?? 'sh', [...shell.slice(1), '-c', command], {
          env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
          detached: true, // a session of its own, as under sshd
        });
        children.add(child);
        child.once('exit', () => children.delete(child as ChildProcess));
        attach(child, acceptExec());
      });
      session.on('signal', (_accept, _reject, { name }) => signalGroup(child, `SIG${name}` as NodeJS.Signals));
      session.on('close', () => signalGroup(child, 'SIGHUP'));
    });
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect(destPort, destIP);
      socket.once('error', () => reject());
      socket.once('connect', () => {
        const channel = accept();
        channel.on('error', () => undefined);
        socket.removeAllListeners('error').on('error', () => channel.close());
        channel.pipe(socket).pipe(channel);
      });
    });
  });
  // ssh2's Server hides its sockets; net.Server events still pass through.
  (server as unknown as { _srv: NodeJS.EventEmitter })._srv.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    user,
    privateKey: login.privateKey,
    hostKey: hostKeys[0]?.fingerprint ?? '',
    commands,
    cut,
    stop: async () => {
      cut();
      for (const child of children) signalGroup(child, 'SIGKILL');
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(bin, { recursive: true, force: true });
    },
  };
}

interface Login {
  readonly user: string;
  readonly blob: Buffer;
  readonly verify: (data: Buffer, signature: Buffer, algorithm?: string) => boolean | Error;
}

function authenticate(connection: Connection, { user, blob, verify }: Login): void {
  connection.on('authentication', (context) => {
    if (context.method !== 'publickey' || context.username !== user || !context.key.data.equals(blob)) {
      return context.reject(['publickey']);
    }
    // The first round only asks whether the key would do.
    if (!context.signature || !context.blob) return context.accept();
    if (verify(context.blob, context.signature, context.hashAlgo) === true) context.accept();
    else context.reject(['publickey']);
  });
}

function attach(child: ChildProcess, channel: ServerChannel): void {
  channel.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  if (child.stdin) channel.pipe(child.stdin);
  child.stdout?.pipe(channel, { end: false });
  child.stderr?.pipe(channel.stderr, { end: false });
  child.once('close', (code, signal) => {
    if (signal) (channel.exit as (name: string) => void)(signal.replace(/^SIG/, ''));
    else channel.exit(code ?? 0);
    channel.end();
  });
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** A folder for PATH with `id` and `sudo` that behave as the host is told to. */
async function fakeBin(user: string, sudo: 'passwordless' | 'denied' | 'absent'): Promise<string> {
  const bin = await mkdtemp(join(tmpdir(), 'fake-host-'));
  const put = async (name: string, script: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  };
  if (user === 'root') return bin;
  await put('id', '[ -n "$K0SMOTRON_FAKE_ROOT" ] && exec /usr/bin/id "$@"; echo 1000');
  if (sudo === 'passwordless')
    await put('sudo', 'while [ "$1" != -- ]; do shift; done; shift; K0SMOTRON_FAKE_ROOT=1 exec "$@"');
  if (sudo === 'denied') await put('sudo', 'echo "sudo: a password is required" >&2; exit 1');
  if (sudo === 'absent') await put('sudo', 'echo "sh: 1: sudo: not found" >&2; exit 127');
  return bin;
}
