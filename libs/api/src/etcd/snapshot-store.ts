import { celRule, defineKind, typeName, z } from '@k0smotron/crd';
import { alphaVersion, localReference, snapshotLabels } from './fields.ts';
import { conditions } from '../declarations/fields/meta.ts';
import { columns, groups } from '../declarations/versions.ts';

const s3 = () =>
  z
    .object({
      endpoint: z.string().min(1).describe('Address of the service, for example https://s3.example.org.'),
      bucket: z.string().min(1).describe('Name of the bucket.'),
      region: z.string().optional().describe('Region, where the service wants one.'),
      prefix: z.string().optional().describe('Put before the name of each object.'),
      pathStyle: z.boolean().default(false).describe('Puts the bucket into the path instead of the host name.'),
      credentialsRef: localReference('Secret with the keys accessKeyId and secretAccessKey.'),
      caRef: localReference('Secret with the key ca.crt, when the certificate is not publicly trusted.').optional(),
    })
    .meta(typeName('S3StoreSpec'))
    .optional()
    .describe('An S3-compatible service.');

const spec = () =>
  z
    .object({
      s3: s3(),
      persistentVolumeClaim: z
        .object({
          claimName: z.string().min(1).describe('Name of a claim in the same namespace.'),
          path: z.string().optional().describe('Folder inside the volume.'),
        })
        .optional()
        .describe('A volume; a Job in the same namespace moves the data.'),
      directory: z
        .object({ path: z.string().min(1).describe("Folder below the service's --store-dir.") })
        .optional()
        .describe("A folder of the service's own."),
      encryption: z
        .object({
          recipients: z
            .array(z.string().min(1))
            .min(1)
            .max(16)
            .describe('age public keys; each of them can open the snapshots.'),
        })
        .optional()
        .describe('Seals snapshots before they leave the service.'),
    })
    .meta({
      ...typeName('SnapshotStoreSpec'),
      ...celRule(
        '[has(self.s3), has(self.persistentVolumeClaim), has(self.directory)].filter(given, given).size() == 1',
        'write exactly one of s3, persistentVolumeClaim and directory',
      ),
    });

const status = () => z.object({ conditions: conditions() }).meta(typeName('SnapshotStoreStatus'));

/** Where snapshots are kept. */
export const SnapshotStore = defineKind({
  group: groups.etcd,
  kind: 'SnapshotStore',
  plural: 'snapshotstores',
  labels: snapshotLabels,
  summary:
    'SnapshotStore is a place where etcd snapshots are kept. It is tried now and then; a store on a PersistentVolumeClaim is refused for now.',
  versions: alphaVersion({ spec: spec(), status: status(), columns: [columns.ready, columns.age] }),
});
