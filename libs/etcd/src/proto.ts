import { fromJSON, type MethodDefinition } from '@grpc/proto-loader';

/** One call of etcd's gRPC API: where it goes and how its messages become bytes. */
export type EtcdMethod = MethodDefinition<object, object>;

/** `[number, type]`, or `[number, type, 'repeated']`. */
type Field = readonly [id: number, type: string, rule?: 'repeated'];

const message = (fields: Readonly<Record<string, Field>>) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, rule]]) => [name, rule ? { id, type, rule } : { id, type }]),
  ),
});
const call = (requestType: string, responseType: string) => ({ requestType, responseType, comment: '' });
const header: Field = [1, 'ResponseHeader'];
const members: Field = [2, 'Member', 'repeated'];

/** The part of etcd's API that we use, with the field numbers of etcd 3.5 and 3.6 (unknown fields are skipped). */
const types = {
  ResponseHeader: message({ cluster_id: [1, 'uint64'], member_id: [2, 'uint64'], revision: [3, 'int64'] }),
  Member: message({
    ID: [1, 'uint64'],
    name: [2, 'string'],
    peerURLs: [3, 'string', 'repeated'],
    clientURLs: [4, 'string', 'repeated'],
    isLearner: [5, 'bool'],
  }),
  MemberListRequest: message({ linearizable: [1, 'bool'] }),
  MemberListResponse: message({ header, members }),
  MemberAddRequest: message({ peerURLs: [1, 'string', 'repeated'], isLearner: [2, 'bool'] }),
  MemberAddResponse: message({ header, member: [2, 'Member'], members: [3, 'Member', 'repeated'] }),
  MemberRemoveRequest: message({ ID: [1, 'uint64'] }),
  MemberRemoveResponse: message({ header, members }),
  MemberPromoteRequest: message({ ID: [1, 'uint64'] }),
  MemberPromoteResponse: message({ header, members }),
  StatusRequest: message({}),
  StatusResponse: message({
    header,
    version: [2, 'string'],
    dbSize: [3, 'int64'],
    leader: [4, 'uint64'],
    raftIndex: [5, 'uint64'],
    raftTerm: [6, 'uint64'],
    raftAppliedIndex: [7, 'uint64'],
    errors: [8, 'string', 'repeated'],
    isLearner: [10, 'bool'],
  }),
  AlarmType: { values: { NONE: 0, NOSPACE: 1, CORRUPT: 2 } },
  AlarmMember: message({ memberID: [1, 'uint64'], alarm: [2, 'AlarmType'] }),
  AlarmRequest: message({ action: [1, 'int32'], memberID: [2, 'uint64'], alarm: [3, 'AlarmType'] }),
  AlarmResponse: message({ header, alarms: [2, 'AlarmMember', 'repeated'] }),
  MoveLeaderRequest: message({ targetID: [1, 'uint64'] }),
  MoveLeaderResponse: message({ header }),
  HashKVRequest: message({ revision: [1, 'int64'] }),
  HashKVResponse: message({
    header,
    hash: [2, 'uint32'],
    compact_revision: [3, 'int64'],
    hash_revision: [4, 'int64'],
  }),
  SnapshotRequest: message({}),
  SnapshotResponse: message({ header, remaining_bytes: [2, 'uint64'], blob: [3, 'bytes'], version: [4, 'string'] }),
  KeyValue: message({ key: [1, 'bytes'], mod_revision: [3, 'int64'], value: [5, 'bytes'] }),
  RangeRequest: message({
    key: [1, 'bytes'],
    range_end: [2, 'bytes'],
    limit: [3, 'int64'],
    revision: [4, 'int64'],
    count_only: [9, 'bool'],
  }),
  RangeResponse: message({ header, kvs: [2, 'KeyValue', 'repeated'], count: [4, 'int64'] }),
  PutRequest: message({ key: [1, 'bytes'], value: [2, 'bytes'] }),
  PutResponse: message({ header }),
  WatchCreateRequest: message({ key: [1, 'bytes'] }),
  WatchRequest: message({ create_request: [1, 'WatchCreateRequest'] }),
  WatchResponse: message({ header, created: [3, 'bool'], canceled: [4, 'bool'] }),
};

const services = {
  Cluster: {
    methods: {
      MemberList: call('MemberListRequest', 'MemberListResponse'),
      MemberAdd: call('MemberAddRequest', 'MemberAddResponse'),
      MemberRemove: call('MemberRemoveRequest', 'MemberRemoveResponse'),
      MemberPromote: call('MemberPromoteRequest', 'MemberPromoteResponse'),
    },
  },
  Maintenance: {
    methods: {
      Status: call('StatusRequest', 'StatusResponse'),
      Alarm: call('AlarmRequest', 'AlarmResponse'),
      MoveLeader: call('MoveLeaderRequest', 'MoveLeaderResponse'),
      HashKV: call('HashKVRequest', 'HashKVResponse'),
      Snapshot: call('SnapshotRequest', 'SnapshotResponse'),
    },
  },
  KV: { methods: { Range: call('RangeRequest', 'RangeResponse'), Put: call('PutRequest', 'PutResponse') } },
  Watch: { methods: { Watch: call('WatchRequest', 'WatchResponse') } },
};

let definition: ReturnType<typeof fromJSON> | undefined;

/** Made at first use: the library behind it is heavy, and most processes never talk to etcd. */
const definitionOfAll = () =>
  (definition ??= fromJSON(
    { nested: { etcdserverpb: { nested: { ...types, ...services } } } },
    // 64-bit numbers as decimal text: member ids do not fit into a JavaScript number.
    { longs: String, enums: String, defaults: true, arrays: true },
  ));

function methodsOf(service: string): Readonly<Record<string, EtcdMethod>> {
  return definitionOfAll()[`etcdserverpb.${service}`] as unknown as Readonly<Record<string, EtcdMethod>>;
}

/** Finds a method by service and name. @throws Error when our own declaration lacks it. */
export function etcdMethod(service: keyof typeof services, name: string): EtcdMethod {
  const method = methodsOf(service)[name];
  if (!method) throw new Error(`etcd method ${service}.${name} is not declared`);
  return method;
}
