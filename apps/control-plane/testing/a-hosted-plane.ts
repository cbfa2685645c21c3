import { Cluster, K0smotronCluster, Secret } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import { recordedAudit } from '@k0smotron/audit/testing';
import { apiVersionOf, type Condition, type KubeObject } from '@k0smotron/core';
import type { EtcdAdmin, EtcdMember } from '@k0smotron/etcd';
import type { Fact } from '@k0smotron/events';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import {
  adminKubeconfig,
  certificatePurposes,
  createCa,
  etcdCertificatePurposes,
  issueForEtcd,
  toSecretData,
} from '@k0smotron/pki';
import { Expectations } from '@k0smotron/runtime';
import { fakeRun, type FakeRun } from '@k0smotron/runtime/testing';
import { fakeClock, type FakeClock } from '@k0smotron/testing';
import { HostedMemories } from '../src/hosted/memory.ts';
import { byPlane, planeKeyOf, planeKeysOf } from '../src/hosted/plane.ts';
import type { ReachProblem } from '../src/hosted/reach.ts';
import { generatedKinds, PersistentVolumeClaim, Pod } from '../src/hosted/kinds.ts';
import { reconcileHostedCluster } from '../src/reconcilers/hosted-cluster/reconcile.ts';
import type { HostedDependencies } from '../src/reconcilers/hosted-cluster/scope.ts';
import { storedCaches } from './stored-caches.ts';

/** What differs from a new plane `c` of one API server and one member, reached at `192.0.2.1`. */
export interface HostedOptions {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Other objects of the management cluster. */
  readonly stored?: readonly object[];
  /** What a worker would find on its way to the plane. */
  readonly inTheWay?: ReachProblem;
  /** In place of one that records {@link HostedWorld.facts}. */
  readonly audit?: Audit;
  /** The cluster that the pods run in, if that is another. */
  readonly elsewhere?: Elsewhere;
}

/** A cluster that pods run in elsewhere, and how it is to be reached at present. */
export interface Elsewhere {
  readonly kube: FakeKube;
  state: 'well' | 'listing' | 'without kubeconfig';
}

/** Without anything in it, and well. */
export const anEmptyElsewhere = (objects: readonly object[] = []): Elsewhere => ({
  kube: fakeKube({ objects: objects as never }),
  state: 'well',
});

/** A hosted Cluster with all that its controller sees, in memory. What kubelet and etcd would do, the test does. */
export interface HostedWorld {
  readonly management: FakeKube;
  readonly workload: FakeKube;
  readonly clock: FakeClock;
  readonly facts: readonly Fact[];
  /** Members of etcd, as every one of them lists them. */
  readonly members: EtcdMember[];
  /** One reconcile on what is stored now; status and finalizers are stored as the runtime would. */
  reconcile(): Promise<{ readonly run: FakeRun<K0smotronCluster>; readonly writes: readonly string[] }>;
  /** Makes pods of a StatefulSet, ready ones. */
  runPods(group: 'cluster' | 'etcd', count: number): void;
  cluster(): Promise<K0smotronCluster | undefined>;
  /** Nothing is in the way of workers any more. */
  clear(): void;
}

const spec = {
  replicas: 1,
  image: 'quay.io/k0sproject/k0s',
  version: 'v1.34.4+k0s.0',
  externalAddress: '192.0.2.1',
  service: { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 },
  persistence: { type: 'emptyDir', autoDeletePVCs: false },
  storage: { type: 'etcd', etcd: { image: 'etcd:v3.6.8', persistence: { size: '1Gi' }, autoDeletePVCs: true } },
};

const writing = ['create', 'apply', 'replace', 'patch', 'remove'];

/** Builds a {@link HostedWorld}. */
export function aHostedPlane(options: HostedOptions = {}): HostedWorld {
  const clock = fakeClock();
  const management = fakeKube({ clock, objects: (options.stored ?? []) as never });
  const workload = fakeKube({
    clock,
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
      { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'konnectivity-agent', namespace: 'kube-system' } },
    ],
  });
  management.seed({
    apiVersion: apiVersionOf(K0smotronCluster),
    kind: K0smotronCluster.kind,
    metadata: { name: 'c', namespace: 'ns', generation: 1, ...options.metadata },
    spec: { ...spec, ...options.spec },
  } as never);
  const members: EtcdMember[] = [];
  let { inTheWay } = options;
  const facts: Fact[] = [];
  const dependencies: HostedDependencies = {
    workloads: { client: () => Promise.resolve(workload), forget: () => undefined } as never,
    audit: options.audit ?? recordedAudit(facts),
    hosted: new HostedMemories(),
    hosting: {
      source: () => () => undefined,
      leave: () => undefined,
      open: async () => {
        const { elsewhere } = options;
        if (!elsewhere || elsewhere.state === 'without kubeconfig') return undefined;
        const { kube, state } = elsewhere;
        const caches = await storedCaches(kube, [...generatedKinds, Pod, PersistentVolumeClaim, Secret], {
          [byPlane]: planeKeysOf,
        });
        return { kube, caches, expectations: new Expectations(() => []), synced: state === 'well' };
      },
    },
    reach: () => Promise.resolve(inTheWay),
    dialEtcd: ({ serverName }) => Promise.resolve(anAdmin(members, serverName.split('.')[0] ?? '')),
  };
  const key = { namespace: 'ns', name: 'c' };
  const cluster = () => management.get(K0smotronCluster, key);

  return {
    management,
    workload,
    clock,
    facts,
    members,
    cluster,
    clear: () => (inTheWay = undefined),
    async reconcile() {
      const object = await cluster();
      if (!object) throw new Error('the Cluster is gone');
      const caches = await storedCaches(
        management,
        [K0smotronCluster, Cluster, ...generatedKinds, Pod, PersistentVolumeClaim],
        {
          [byPlane]: (it) =>
            it.kind === K0smotronCluster.kind ? [planeKeyOf(it as K0smotronCluster)] : planeKeysOf(it),
        },
      );
      const run = fakeRun(object, { kube: management, caches, clock });
      const clients = [management, ...(options.elsewhere ? [options.elsewhere.kube] : [])];
      const before = clients.map(({ calls }) => calls.length);
      await reconcileHostedCluster(run, dependencies, new AbortController().signal);
      const calls = clients
        .flatMap((client, at) => client.calls.slice(before[at]))
        .filter(({ verb }) => writing.includes(verb));
      const now = await cluster();
      if (now) management.seed({ ...now, status: { ...run.status, conditions: conditionsOf(run) } } as never);
      return { run, writes: calls.map(({ verb, what, key: of }) => `${verb} ${what} ${of}`) };
    },
    runPods(group, count) {
      const set = group === 'etcd' ? 'kmc-c-etcd' : 'kmc-c';
      const { kube } = options.elsewhere ?? { kube: management };
      for (let ordinal = 0; ordinal < count; ordinal += 1) kube.seed(aPod(set, group, ordinal) as never);
    },
  };
}

const conditionsOf = (run: FakeRun<K0smotronCluster>): readonly Condition[] =>
  [...run.conditions.values()].map((input) => ({ ...input, lastTransitionTime: '2026-01-01T00:00:00Z' }));

const aPod = (set: string, component: string, ordinal: number): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `${set}-${ordinal}`, namespace: 'ns', labels: { app: 'k0smotron', cluster: 'c', component } },
  spec: { containers: [{ name: component, image: 'quay.io/k0sproject/k0s:v1.34.4-k0s.0' }] },
  status: {
    podIP: `198.51.100.${10 + ordinal}`,
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: component, state: { running: {} } }],
  },
});

/** A member that knows all others; the first leads. */
function anAdmin(members: EtcdMember[], name: string): EtcdAdmin {
  const self = members.find((member) => member.name === name);
  if (!self) throw new Error('connection refused');
  const replace = (id: string, change: Partial<EtcdMember>): void => {
    const at = members.findIndex((member) => member.id === id);
    const found = members[at];
    if (found) members[at] = { ...found, ...change };
  };
  return {
    members: () => Promise.resolve([...members]),
    status: () =>
      Promise.resolve({
        clusterId: 'e7cd',
        memberId: self.id,
        leader: members[0]?.id,
        learner: self.learner,
        raftIndex: 9,
        raftAppliedIndex: 9,
        raftTerm: 2,
        revision: 1,
        version: '3.6.8',
        dbSizeBytes: 1,
        errors: [],
      }),
    alarms: () => Promise.resolve([]),
    addMember: ({ peerUrls, learner = false }) => {
      const added = { id: `${members.length + 1}`, name: '', started: false, learner, peerUrls, clientUrls: [] };
      members.push(added);
      return Promise.resolve(added);
    },
    removeMember: (id) => {
      members.splice(
        members.findIndex((member) => member.id === id),
        1,
      );
      return Promise.resolve();
    },
    promote: (id) => Promise.resolve(replace(id, { learner: false })),
    moveLeader: () => Promise.resolve(),
    watchLeader: () => Promise.resolve({ lost: new Promise(() => undefined) }),
    closed: new Promise(() => undefined),
    close: () => undefined,
  };
}

/** A started voter of the plane `c`. */
export const aMember = (ordinal: number, over: Partial<EtcdMember> = {}): EtcdMember => ({
  id: `${ordinal + 1}`,
  name: `kmc-c-etcd-${ordinal}`,
  started: true,
  learner: false,
  peerUrls: [`https://kmc-c-etcd-${ordinal}.kmc-c-etcd.ns.svc:2380`],
  clientUrls: [],
  ...over,
});

/** Names of stored objects of a kind, without pods' order. */
export const namesIn = (objects: readonly KubeObject[]): readonly string[] =>
  objects.map(({ metadata }) => metadata.name).sort();

let given: Promise<readonly object[]> | undefined;

/**
 * Secrets with the certificates and the kubeconfig of the plane `c`, made once for all tests of a file, and of few keys, since
 * each takes its time.
 */
export const givenCertificates = (): Promise<readonly object[]> => (given ??= makeCertificates());

async function makeCertificates(): Promise<readonly object[]> {
  const now = fakeClock().now();
  const authority = await createCa({ commonName: 'test', years: 10, now });
  const leaf = await issueForEtcd(authority, 'etcd-peer', { serviceName: 'kmc-c-etcd', namespace: 'ns', now });
  const kubeconfig = await adminKubeconfig(authority, { clusterName: 'c', server: 'https://192.0.2.1:30443', now });
  const secret = (purpose: string, data: object): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `c-${purpose}`, namespace: 'ns' },
    data,
  });
  return [
    ...certificatePurposes.map((purpose) => secret(purpose, toSecretData(authority))),
    ...etcdCertificatePurposes.map((purpose) => secret(purpose, toSecretData(leaf))),
    secret('kubeconfig', { value: Buffer.from(kubeconfig, 'utf8').toString('base64') }),
  ];
}
