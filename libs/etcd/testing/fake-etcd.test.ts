import { etcdContract } from './etcd-contract.ts';
import { fakeEtcd } from './fake-etcd.ts';

etcdContract('the fake', () => Promise.resolve(fakeEtcd()));
