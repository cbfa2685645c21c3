import type { EtcdConnection, EtcdEndpoint } from '../src/index.ts';

/** An etcd that tests may hurt; real or not. It starts with one member, `a`. */
export interface EtcdWorld {
  endpoint(name: string): EtcdEndpoint;
  connect(name: string): Promise<EtcdConnection>;
  /** Starts a member that was added with {@link EtcdWorld.peerUrl} before. */
  start(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  peerUrl(name: string): string;
  close(): Promise<void>;
}
