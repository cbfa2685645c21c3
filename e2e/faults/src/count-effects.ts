/**
 * Loaded into a service by `NODE_OPTIONS=--import`: counts what the process does to the outside, and ends it without warning
 * after the n-th effect. The product knows nothing of it: a tap looks at what is written to sockets, at what SSH is about to
 * encrypt, and at the calls to etcd, which go through SSH and TLS.
 *
 *  - `FAULTS_KILL_AFTER`: which effect is the last one; 0 only counts.
 *  - `FAULTS_KILL_WHEN`: `answered`, when the other side has said something after it: it has landed, and nobody heard of it.
 *    `sent`, at once: it may or may not land.
 *  - `FAULTS_AIM`: ends that need not be sought (see `aim.ts`), one a line. Where it is set, the first effect that has another
 *    end to give is the last one too.
 *  - `FAULTS_TRACE`: a file that gets one line for each effect, and one for the death.
 */
import { Cipheriv } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { ClientHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { endsSought, type Moment } from './aim.ts';
import { effectOf, etcdEffectOf } from './effect-of.ts';
import { hostEffect, type CommandChannels } from './host-effect.ts';

const killAfter = Number(process.env['FAULTS_KILL_AFTER'] ?? 0);
const endOfCount: Moment = process.env['FAULTS_KILL_WHEN'] === 'answered' ? 'answered' : 'sent';
const sought = endsSought(process.env['FAULTS_AIM']);
const trace = process.env['FAULTS_TRACE'];
/** What is never answered kills all the same. */
const answerLimitMs = 300;
const sshPort = 22;
let count = 0;
let ending = false;

/** A method that is looked at: whatever it is called with is passed on. */
type Method<This> = (this: This, first: unknown, ...rest: readonly unknown[]) => unknown;

/** Calls `look` around a method of all objects of a class. */
function tap<This>(prototype: Record<string, unknown>, name: string, look: (self: This, first: unknown) => void): void {
  const original = prototype[name] as Method<This>;
  prototype[name] = function (this: This, first: unknown, ...rest: readonly unknown[]) {
    const result = original.call(this, first, ...rest);
    look(this, first);
    return result;
  };
}

// ssh2 encrypts a packet and writes it to its socket in the same breath.
let packet: Uint8Array | undefined;
tap<Cipheriv>(Cipheriv.prototype as never, 'update', (_, plain) => {
  packet = plain instanceof Uint8Array ? plain : undefined;
});

const channels = new WeakMap<Socket, CommandChannels>();
// Every kind of socket writes through here; TLS sockets do so before they encrypt.
tap<Socket>(Socket.prototype as never, 'write', (socket, chunk) => {
  const effect = socket.remotePort === sshPort ? sshEffect(socket) : effectOf(chunk);
  if (effect) afterEffect(effect, (die) => socket.prependOnceListener('readable', die));
});

function sshEffect(socket: Socket): string | undefined {
  const known = channels.get(socket) ?? new Set();
  channels.set(socket, known);
  const effect = packet && hostEffect(packet, known);
  packet = undefined;
  return effect && `ssh ${effect} ${socket.remoteAddress}`;
}

subscribe('http2.client.stream.start', (told) => {
  const { stream, headers } = told as { stream: ClientHttp2Stream; headers: Record<string, unknown> };
  const effect = etcdEffectOf(headers[':path']);
  if (effect) afterEffect(effect, (die) => stream.prependOnceListener('response', die));
});

function afterEffect(effect: string, onAnswer: (die: () => void) => void): void {
  count += 1;
  tell(`effect ${effect}`);
  const moment = sought(effect) ?? (count === killAfter ? endOfCount : undefined);
  if (ending || !moment) return;
  ending = true;
  const die = (): void => {
    tell(`killed ${moment} ${effect}`);
    process.kill(process.pid, 'SIGKILL');
  };
  if (moment === 'sent') setImmediate(die);
  else {
    onAnswer(die);
    setTimeout(die, answerLimitMs);
  }
}

function tell(line: string): void {
  if (trace) appendFileSync(trace, `${process.pid} ${count} ${line}\n`);
}
