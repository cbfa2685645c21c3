import type { Manifest } from '../cluster/manifests.ts';
import { lean, type HostedValues } from './manifests.ts';

const namespace = 'default';
const database = 'kine';
const password = 'only-of-this-lab';

/** Where a plane keeps its state, other than in etcd. */
export interface Storage {
  readonly what: string;
  readonly name: string;
  readonly replicas: number;
  /** Of the plane's spec. */
  readonly spec: object;
}

const claim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const dataSource = 'kine-data-source';

/** All that can run in the lab. */
export const storages: readonly Storage[] = [
  {
    ...{ what: 'SQLite', name: 'sqlite', replicas: 1 },
    spec: {
      storage: { type: 'kine' },
      persistence: { type: 'pvc', autoDeletePVCs: true, persistentVolumeClaim: claim },
    },
  },
  {
    ...{ what: 'PostgreSQL', name: 'postgres', replicas: 2 },
    spec: { storage: { type: 'kine', kine: { dataSourceSecretName: dataSource } } },
  },
  ...[1, 3].map((replicas) => ({
    ...{ what: `${replicas} of NATS`, name: `nats-${replicas}`, replicas },
    spec: { storage: { type: 'nats' }, persistence: { type: 'emptyDir', autoDeletePVCs: true } },
  })),
];

/** A plane without Cluster API. */
export const planeOn = ({ name, replicas, spec }: Storage, { version }: HostedValues): Manifest => ({
  apiVersion: 'k0smotron.io/v1beta2',
  kind: 'Cluster',
  metadata: { name, namespace },
  spec: {
    version,
    replicas,
    service: { type: 'NodePort', apiPort: 30543, konnectivityPort: 30532 },
    ...lean,
    ...spec,
  },
});

const labelled = { name: database, namespace, labels: { app: database } };

/** PostgreSQL as a pod with a Service, and the Secret by which planes find it. */
export const postgresManifests = (image: string): readonly Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: labelled,
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          ...{ name: 'postgres', image, imagePullPolicy: 'IfNotPresent' },
          command: ['sh', '-ec', serve],
          env: [
            { name: 'PASSWORD', value: password },
            { name: 'PATH', value: `${programs}:/bin` },
          ],
          readinessProbe: {
            exec: { command: [`${programs}/pg_isready`, '--host=127.0.0.1', `--username=${database}`] },
            periodSeconds: 1,
          },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: database, namespace },
    spec: { selector: { app: database }, ports: [{ port: 5432 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: dataSource, namespace },
    stringData: {
      K0SMOTRON_KINE_DATASOURCE_URL: `postgres://${database}:${password}@${database}.${namespace}.svc:5432/${database}?sslmode=disable`,
    },
  },
];

const programs = '/usr/lib/postgresql/15/bin';

/** An empty database each time; kine makes its own in it. */
const serve = [
  'printf %s "$PASSWORD" >/tmp/password',
  `initdb --pgdata=/tmp/data --username=${database} --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --locale=C`,
  'echo "host all all all scram-sha-256" >>/tmp/data/pg_hba.conf',
  "exec postgres -D /tmp/data -k /tmp -c listen_addresses='*'",
].join('\n');
