import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Which way bytes flow. */
export type Direction = 'to client' | 'to server';

/** What goes wrong on the way. Without `direction` both are meant. */
export type Fault =
  /** Every piece comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number; readonly direction?: Direction }
  /** A connection is reset after so many more bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly direction?: Direction }
  /** Connections stay open, or are accepted, and nothing comes through any more, for them never again. */
  | { readonly kind: 'silence'; readonly direction?: Direction }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number; readonly direction?: Direction }
  /** Connections are reset, new ones at once. */
  | { readonly kind: 'refuse' };

/** A TCP proxy that is good until told otherwise. TLS passes through it as it is. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that were asked for, refused ones included. */
  readonly accepted: number;
  /** What happens from now on, on open connections too; replaces the fault before. */
  inject(fault: Fault): void;
  /** From now on nothing goes wrong; what was silent stays so. */
  heal(): void;
  /** Resets all open connections once. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Opens a proxy on loopback in front of an address. */
export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const links = new Set<Link>();
  let fault: Fault | undefined;
  let accepted = 0;

  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    accepted += 1;
    near.on('error', () => undefined);
    if (fault?.kind === 'refuse') return void near.resetAndDestroy();
    const link = new Link(near, connect({ ...target, allowHalfOpen: true }), () => fault);
    links.add(link);
    void link.ended.then(() => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => links.forEach((link) => link.cut());

  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    inject: (next) => {
      fault = next;
      if (next.kind === 'refuse') cutAll();
      for (const link of links) link.meet(next);
    },
    heal: () => {
      fault = undefined;
    },
    cutAll,
    close: async () => {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection through the proxy. */
class Link {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #fault: () => Fault | undefined;
  readonly #silent = new Set<Direction>();
  readonly #leftBytes = new Map<Direction, number>();
  readonly ended: Promise<unknown>;

  constructor(near: Socket, far: Socket, fault: () => Fault | undefined) {
    this.#near = near;
    this.#far = far;
    this.#fault = fault;
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => this.cut());
    const present = fault();
    if (present) this.meet(present);
    this.ended = Promise.allSettled([this.#pump('to server'), this.#pump('to client')]).then(() => {
      for (const socket of [near, far]) socket.destroy(); // a silent one was told of no end
    });
  }

  cut(): void {
    for (const socket of [this.#near, this.#far]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  meet(fault: Fault): void {
    for (const direction of directionsOf(fault)) {
      this.#leftBytes.delete(direction);
      if (fault.kind === 'silence') this.#silent.add(direction);
      if (fault.kind === 'cut') this.#leftBytes.set(direction, fault.afterBytes);
    }
  }

  async #pump(direction: Direction): Promise<void> {
    const [from, to] = direction === 'to server' ? [this.#near, this.#far] : [this.#far, this.#near];
    let before: Promise<unknown> = Promise.resolve();
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (this.#silent.has(direction)) continue; // swallowed: the peer's kernel said that it has it
      const fault = this.#faultOf(direction);
      const waitMs = fault?.kind === 'delay' ? fault.ms : 0;
      before = Promise.all([before, waitMs > 0 ? delay(waitMs) : undefined]).then(() =>
        this.#send(chunk, to, direction),
      );
      // A delay holds back nothing that comes after; all else does.
      if (waitMs === 0) await before;
    }
    await before;
    if (!this.#silent.has(direction)) to.end();
  }

  async #send(chunk: Buffer, to: Socket, direction: Direction): Promise<void> {
    const left = this.#leftBytes.get(direction);
    if (left !== undefined && chunk.length >= left) {
      await written(to, chunk.subarray(0, left));
      return this.cut();
    }
    if (left !== undefined) this.#leftBytes.set(direction, left - chunk.length);
    const fault = this.#faultOf(direction);
    if (fault?.kind !== 'throttle') return written(to, chunk);
    const pieceBytes = Math.max(1, Math.floor((fault.bytesPerSecond * throttleStepMs) / 1_000));
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      await written(to, chunk.subarray(at, at + pieceBytes));
      await delay(throttleStepMs);
    }
  }

  #faultOf(direction: Direction): Fault | undefined {
    const fault = this.#fault();
    return fault && directionsOf(fault).includes(direction) ? fault : undefined;
  }
}

const throttleStepMs = 20;

function directionsOf(fault: Fault): readonly Direction[] {
  if (fault.kind === 'refuse') return [];
  return fault.direction ? [fault.direction] : ['to client', 'to server'];
}

/** Resolves when the socket takes more, or is gone. */
async function written(to: Socket, chunk: Buffer): Promise<void> {
  if (to.destroyed || to.write(chunk)) return;
  const over = new AbortController();
  await Promise.race([once(to, 'drain', over), once(to, 'close', over)]).catch(() => undefined);
  over.abort();
}
