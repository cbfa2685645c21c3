import { connect } from 'node:net';

/** Short, since a first packet that is lost while the host boots would only be sent again after a second. */
const connectTimeoutMs = 250;
/** Long, since sshd starts a process for each connection and forty hosts may do that at once. */
const greetingTimeoutMs = 3_000;

/** Whether an SSH server greets at this address; reads the greeting and goes away. */
export function sshAnswers(address: string, port = 22): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(connectTimeoutMs, () => finish(false));
    socket.once('connect', () => socket.setTimeout(greetingTimeoutMs));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('data', (chunk) => finish(chunk.toString('latin1').startsWith('SSH-2.0-')));
  });
}
