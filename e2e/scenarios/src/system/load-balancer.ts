import { connect, createServer, type Socket } from 'node:net';

/** A TCP load balancer in this process: the endpoint of a control plane that outlives each single controller. */
export interface LoadBalancer {
  readonly host: string;
  readonly port: number;
  /** Addresses of the controllers, tried in order from the one that answered last. */
  setBackends(addresses: readonly string[]): void;
  close(): Promise<void>;
}

const backendPort = 6443;
const connectLimitMs = 1000;

/** Listens on an address of the lab's bridge, so that machines reach it too; on a free port unless one is given. */
export async function startLoadBalancer(host: string, port = 0): Promise<LoadBalancer> {
  let backends: readonly string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    void join(client, backends);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the load balancer has no port');
  return {
    host,
    port: address.port,
    setBackends: (addresses) => (backends = addresses),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function join(client: Socket, backends: readonly string[]): Promise<void> {
  for (const address of backends) {
    const upstream = await reach(address);
    if (!upstream) continue;
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
    client.resume();
    return;
  }
  client.destroy();
}

function reach(host: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: backendPort, timeout: connectLimitMs });
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    const giveUp = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('timeout', giveUp);
    socket.once('error', giveUp);
  });
}
