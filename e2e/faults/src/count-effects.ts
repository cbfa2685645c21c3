/**
 * Loaded into a service by `NODE_OPTIONS=--import`: counts what the process does to the outside, and ends it without warning
 * after the n-th effect. The product knows nothing of it: sockets are looked at, as a wire tap would.
 *
 *  - `FAULTS_KILL_AFTER`: which effect is the last one; 0 only counts.
 *  - `FAULTS_KILL_WHEN`: `answered`, when the other side has said something after it: it has landed, and nobody heard of it.
 *    `sent`, at once: it may or may not land.
 *  - `FAULTS_TRACE`: a file that gets one line for each effect, and one for the death.
 */
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { effectOf } from './effect-of.ts';

const killAfter = Number(process.env['FAULTS_KILL_AFTER'] ?? 0);
const whenAnswered = process.env['FAULTS_KILL_WHEN'] === 'answered';
const trace = process.env['FAULTS_TRACE'];
/** What is never answered kills all the same. */
const answerLimitMs = 300;
let count = 0;

type Write = (this: Socket, chunk: unknown, ...rest: readonly unknown[]) => boolean;

// Every kind of socket writes through here; TLS sockets do so before they encrypt.
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the socket as `this` below
const original = Socket.prototype.write as Write;
(Socket.prototype as { write: Write }).write = function (chunk, ...rest) {
  const written = original.call(this, chunk, ...rest);
  const effect = effectOf(this, chunk);
  if (effect) afterEffect(this, effect);
  return written;
};

function afterEffect(socket: Socket, effect: string): void {
  count += 1;
  tell(`effect ${effect}`);
  if (count !== killAfter) return;
  const die = (): void => {
    tell(`killed ${effect}`);
    process.kill(process.pid, 'SIGKILL');
  };
  if (!whenAnswered) setImmediate(die);
  else {
    socket.prependOnceListener('readable', die);
    setTimeout(die, answerLimitMs);
  }
}

function tell(line: string): void {
  if (trace) appendFileSync(trace, `${process.pid} ${count} ${line}\n`);
}
