import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `work` while no other process of this host runs anything under the same name.
 * The lock is a listening socket in the kernel's abstract namespace: it cannot be left behind, because a
 * SIGKILLed holder loses it with its last file descriptor. It does not reach across network namespaces.
 */
export async function withLock<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const server = await acquire(`\0k0smotron-lab/${createHash('sha256').update(name).digest('hex')}`);
  try {
    return await work();
  } finally {
    await release(server);
  }
}

const waiters = new WeakMap<Server, Set<{ destroy(): void }>>();

async function acquire(address: string): Promise<Server> {
  for (;;) {
    const server = await tryListen(address);
    if (server) return server;
    await released(address);
  }
}

function tryListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const connections = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      connections.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => connections.delete(socket));
    });
    waiters.set(server, connections);
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new Error(`take lock: ${error.message}`, { cause: error }));
    });
    server.listen(address, () => resolve(server));
  });
}

/** Resolves when the holder lets go: our connection to it is closed, by it or by the kernel. */
async function released(address: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(address);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
  await delay(Math.random() * 20); // spreads those who waited for the same holder
}

async function release(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const connection of waiters.get(server) ?? []) connection.destroy();
  });
}
