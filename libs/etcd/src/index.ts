export { EtcdRefusedError, EtcdUnreachableError, grpcStatus } from './errors.ts';
export {
  connectEtcd,
  type ConnectEtcdOptions,
  type EtcdAdmin,
  type EtcdAlarm,
  type EtcdConnection,
  type EtcdData,
  type EtcdMember,
  type EtcdReader,
  type EtcdStatus,
  type MembersOptions,
  type NewMember,
} from './etcd-admin.ts';
export { observeEtcd, type EtcdEndpoint, type EtcdObservation, type ObservedMember } from './observe-etcd.ts';
export type { KeyCount, StoredKey } from './keys.ts';
export type { KeysHash } from './snapshot-stream.ts';
