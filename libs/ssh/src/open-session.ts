import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { ConnectError } from './errors.ts';
import type { HostSession } from './host-session.ts';
import { runCommand } from './run-command.ts';
import { nameOf, type SshTarget } from './target.ts';

/** How long a polite end may take before the socket is dropped. */
const closeMs = 1_000;

/** Wraps a ready ssh2 client. */
export function openSession(
  client: Client,
  { target, hostKey }: { readonly target: SshTarget; readonly hostKey: string },
): HostSession {
  const name = nameOf(target);
  let gone = false;
  const closed = new Promise<void>((resolve) => {
    client.once('close', () => {
      gone = true;
      resolve();
    });
  });
  // After `ready` an error event without listener would end the process; `close` follows and settles the commands.
  client.on('error', () => undefined);

  return {
    hostKey,
    user: target.user,
    run: (command, options = {}, signal) =>
      runCommand({ client, name, root: target.user === 'root', gone: () => gone }, command, options, signal),
    forward: (host, port) => forward(client, { name, gone: () => gone, host, port }),
    closed,
    close: () => {
      client.end();
      setTimeout(() => client.destroy(), closeMs).unref();
    },
  };
}

interface Forwarding {
  readonly name: string;
  readonly gone: () => boolean;
  readonly host: string;
  readonly port: number;
}

function forward(client: Client, { name, gone, host, port }: Forwarding): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new ConnectError(
          `${name}: cannot forward to ${host}:${port} (${cause.message}); check that something listens there and that ` +
            `sshd allows it (AllowTcpForwarding)`,
          { cause },
        ),
      );
    if (gone()) return fail(new Error('the connection is closed'));
    const onClose = (): void => fail(new Error('the connection was cut'));
    client.once('close', onClose);
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      client.off('close', onClose);
      if (error) return fail(error);
      resolve(channel);
    });
  });
}
