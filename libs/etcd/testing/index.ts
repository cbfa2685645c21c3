export { etcdContract } from './etcd-contract.ts';
export type { EtcdWorld } from './etcd-world.ts';
export { fakeEtcd } from './fake-etcd.ts';
