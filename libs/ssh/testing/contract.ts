import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import {
  AuthError,
  CommandTimeoutError,
  ConnectError,
  connectSsh,
  HostKeyChangedError,
  type HostSession,
  probeSudo,
  type SshTarget,
} from '../src/index.ts';
import { newKeyPair } from './keys.ts';

/** A host that the contract can be run against: fake, real sshd, or a machine of the lab. */
export interface ContractHost {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: string;
  cut(): void | Promise<void>;
  stop(): Promise<void>;
}

/** What every HostSession must do, whatever it is connected to. The user must be root or have passwordless sudo. */
export function hostSessionContract(name: string, startHost: () => Promise<ContractHost>): void {
  describe(`HostSession on ${name}`, () => {
    let host: ContractHost;
    let session: HostSession;
    const target = (over: Partial<SshTarget> = {}): SshTarget => ({
      host: host.host,
      port: host.port,
      user: host.user,
      privateKey: host.privateKey,
      ...over,
    });

    beforeAll(async () => {
      host = await startHost();
      session = await connectSsh(target());
    }, 60_000);
    afterAll(async () => {
      session.close();
      await host.stop();
    });

    it('tells the host key that OpenSSH would print', () => {
      expect(session.hostKey).toBe(host.hostKey);
    });

    it('accepts the pinned key and refuses another with both fingerprints and the way out', async () => {
      const again = await connectSsh(target({ hostKeySha256: host.hostKey }));
      again.close();
      const other = newKeyPair().fingerprint;
      const refusal = connectSsh(target({ hostKeySha256: other }));
      await expect(refusal).rejects.toBeInstanceOf(HostKeyChangedError);
      await expect(refusal).rejects.toMatchObject({ expected: other, seen: host.hostKey });
      await expect(refusal).rejects.toThrow(`${host.host}:${host.port}`);
    });

    it('calls a wrong key and a wrong user an AuthError', async () => {
      await expect(connectSsh(target({ privateKey: newKeyPair().privateKey }))).rejects.toBeInstanceOf(AuthError);
      await expect(connectSsh(target({ user: 'nobody-here' }))).rejects.toThrow(/nobody-here@.*authorized_keys/);
    });

    it('gives exit code, stdout and stderr apart', async () => {
      const result = await session.run('echo out; echo err >&2; exit 3');
      expect(result).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    });

    it('passes stdin byte for byte and closes it', async () => {
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const { stdout } = await session.run('sha256sum; cat', { stdin: bytes });
      const { createHash } = await import('node:crypto');
      expect(stdout).toContain(createHash('sha256').update(bytes).digest('hex'));
      expect((await session.run('cat')).code).toBe(0);
    });

    it('runs as root with sudo, whatever quotes the command has', async () => {
      expect(await probeSudo(session)).not.toBe('none');
      const result = await session.run(`id -u; printf '%s|' "it's" 'a "b"' '$HOME'; echo >&2 hint`, { sudo: true });
      expect(result).toMatchObject({ code: 0, stdout: `0\nit's|a "b"|$HOME|`, stderr: 'hint\n' });
    });

    it('keeps only the end of a long output and gives every line of it', async () => {
      let lines = 0;
      const result = await session.run('seq 1 200000; echo the end', {
        maxOutputBytes: 1_000,
        onLine: () => (lines += 1),
      });
      expect(lines).toBe(200_001);
      expect(result.stdout).toHaveLength(1_000);
      expect(result.stdout).toMatch(/200000\nthe end\n$/);
    });

    it.each([false, true])('kills the command on abort, with sudo: %s', async (sudo) => {
      const mark = `k0smotron-abort-${process.pid}-${sudo ? 1 : 0}`;
      const abort = new AbortController();
      const alive = (): Promise<string> =>
        session.run(`pgrep -f '[k]${mark.slice(1)}' || true`).then((r) => r.stdout.trim());
      const running = session.run(
        `sh -c 'echo started; sleep 60; : ${mark}'`,
        { sudo, onLine: () => abort.abort(new Error('enough')) },
        abort.signal,
      );
      await expect(running).rejects.toThrow('enough');
      await eventually(async () => expect(await alive()).toBe(''));
    });

    it('kills a command that takes too long', async () => {
      await expect(session.run('sleep 60', { timeoutMs: 200 })).rejects.toBeInstanceOf(CommandTimeoutError);
      expect((await session.run('true')).code).toBe(0);
    });

    it('forwards a connection from the host', async () => {
      const server = createServer((socket) => socket.on('data', (chunk) => socket.end(`you said ${chunk.toString()}`)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const stream = await session.forward('127.0.0.1', port);
      stream.end('hello');
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe('you said hello');
      await new Promise((resolve) => server.close(resolve));
      await expect(session.forward('127.0.0.1', port)).rejects.toBeInstanceOf(ConnectError);
    });

    it('ends a command of a cut connection without an exit code, and says so afterwards', async () => {
      const doomed = await connectSsh(target());
      const started = new Promise<void>(
        (resolve) =>
          void doomed.run('echo go; sleep 5', { onLine: () => resolve() }).then((it) => results.push(it.code)),
      );
      const results: (number | undefined)[] = [];
      await started;
      await host.cut();
      await eventually(() => expect(results).toEqual([undefined]));
      await expect(doomed.run('true')).rejects.toBeInstanceOf(ConnectError);
      await expect(doomed.forward('127.0.0.1', 1)).rejects.toBeInstanceOf(ConnectError);
      await doomed.closed;
      doomed.close();
    });

    it('says when its connection has ended, by us too', async () => {
      const ours = await connectSsh(target());
      const open = Symbol('open');
      expect(await Promise.race([ours.closed, Promise.resolve(open)])).toBe(open);
      ours.close();
      await ours.closed;
    });
  });
}
