import { coreType, quantity, typeName, z } from '@k0smotron/crd';
import type { ApiVersionName } from '../declarations/versions.ts';

const claim = () =>
  z
    .object({
      storageClass: z.string().optional().describe("Storage class; unset means the cluster's default."),
      size: quantity().default('1Gi').describe('Size of each claim.'),
    })
    .meta(typeName('StoragePersistenceSpec'));

const defragJob = () =>
  z
    .object({
      enabled: z.boolean().default(false).describe('Defragments etcd on a schedule.'),
      schedule: z.string().default('0 12 * * *').describe('When, as a cron line.'),
      rule: z
        .string()
        .default('dbQuotaUsage > 0.8 || dbSize - dbSizeInUse > 200*1024*1024')
        .describe('Whether a member is worth it, in the words of etcd-defrag.'),
      image: z.string().default('ghcr.io/ahrtr/etcd-defrag:v0.16.0').describe('Image of etcd-defrag.'),
    })
    .meta(typeName('DefragJobSpec'))
    .optional()
    .describe('Gives back space that etcd no longer uses.');

const etcd = () =>
  z
    .object({
      image: z.string().default('quay.io/k0sproject/etcd:v3.7.1').describe('Image of etcd.'),
      args: z.array(z.string()).optional().describe('More flags for etcd.'),
      persistence: claim()
        .default({} as never)
        .describe('Claims for the data.'),
      autoDeletePVCs: z.boolean().default(false).describe('Deletes the claims together with the cluster.'),
      defragJob: defragJob(),
      resources: coreType('v1', 'ResourceRequirements').optional().describe('Resources of each etcd container.'),
    })
    .meta(typeName('EtcdSpec'))
    .default({} as never)
    .describe('The etcd of the cluster, in pods of its own.');

const dataSource = {
  url: () => z.string().optional().describe('Data source of kine, in clear; prefer the Secret.'),
  secret: () =>
    z.string().optional().describe('Secret that holds the data source under the key `K0SMOTRON_KINE_DATASOURCE_URL`.'),
};

const storage = () =>
  z
    .object({
      type: z
        .enum(['etcd', 'kine', 'nats'])
        .default('etcd')
        .describe('Where the state of the cluster is kept; nats is experimental, and keeps its replicas.'),
      kine: z
        .object({ dataSourceURL: dataSource.url(), dataSourceSecretName: dataSource.secret() })
        .meta(typeName('KineSpec'))
        .optional()
        .describe('An SQL database instead of etcd, for type kine.'),
      etcd: etcd(),
      nats: z
        .object({ persistence: claim().optional().describe('Claims for the data.') })
        .meta(typeName('NatsSpec'))
        .optional()
        .describe('The NATS that is embedded in each controller, for type nats.'),
    })
    .meta(typeName('StorageSpec'))
    .default({} as never)
    .describe('Where the state of the cluster is kept.');

/** Storage of a hosted cluster: one object in v1beta2, three fields, without NATS, in v1beta1. */
export const storageFields = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? { etcd: etcd(), kineDataSourceURL: dataSource.url(), kineDataSourceSecretName: dataSource.secret() }
    : { storage: storage() };
