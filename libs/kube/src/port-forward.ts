import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { keyOf, type ObjectKey } from '@k0smotron/core';
import { UnreachableError } from './errors.ts';
import type { Transport } from './transport.ts';

/** What kubelets and API servers call the binary form of it; frames begin with the number of a channel. */
const protocol = 'v4.channel.k8s.io';
const [data, problems] = [0, 1];
/** Each channel begins with the port that it is for. */
const portBytes = 2;

/**
 * A connection to one port of a pod through the API server, as `kubectl port-forward` makes it: no way from here to the pod is
 * needed. Ends with the signal only until it is open.
 *
 * @throws UnreachableError when the API server refuses or the pod's node cannot be asked
 */
export async function forwardPort(
  transport: Transport,
  { pod, port }: { readonly pod: ObjectKey; readonly port: number },
  signal?: AbortSignal,
): Promise<Duplex> {
  signal?.throwIfAborted();
  const { namespace = '', name } = pod;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward`;
  const socket = await transport.webSocket(`${path}?ports=${port}`, protocol);
  socket.binaryType = 'arraybuffer';
  const stream = new Duplex({
    allowHalfOpen: false, // a WebSocket that was closed takes nothing more
    read: () => undefined,
    write: (chunk: Buffer, _encoding, written) => {
      socket.send(Buffer.concat([Buffer.of(data), chunk]));
      written();
    },
    final: (ended) => {
      socket.close();
      ended();
    },
    destroy: (cause, gone) => {
      socket.close();
      gone(cause);
    },
  });
  const unread = new Set([data, problems]);
  const opened = new Promise<void>((resolve, reject) => {
    const what = `port ${port} of pod ${keyOf(pod)}`;
    const fail = (why: string): void => {
      const cause = new UnreachableError(`${what}: ${why}`);
      reject(cause);
      stream.destroy(cause);
    };
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', ({ message }) => fail(message || 'not forwarded, or cut'));
    socket.addEventListener('close', () => {
      reject(new UnreachableError(`${what}: the connection was closed`));
      stream.push(null);
    });
    socket.addEventListener('message', (event) => {
      const frame = Buffer.from(event.data as ArrayBuffer);
      const channel = frame[0] ?? 0;
      const content = frame.subarray(1 + (unread.delete(channel) ? portBytes : 0));
      if (content.length === 0) return;
      if (channel === data) stream.push(content);
      else fail(content.toString('utf8').trim());
    });
  });
  stream.on('error', () => undefined); // what fails later is told by the calls over it
  const given = signal ? once(signal, 'abort').then(() => Promise.reject(signal.reason as Error)) : undefined;
  try {
    await (given ? Promise.race([opened, given]) : opened);
    return stream;
  } catch (cause) {
    stream.destroy();
    throw cause;
  }
}
