import { celRule, dateTime, defineKind, typeName, z } from '@k0smotron/crd';
import { alphaVersion, controlPlaneReference, localReference, snapshotLabels } from './fields.ts';
import { conditions } from '../declarations/fields/meta.ts';
import { columns, groups } from '../declarations/versions.ts';

/** What a single snapshot and a schedule's template say. */
export const snapshotSpec = () =>
  z
    .object({
      controlPlaneRef: controlPlaneReference('The control plane whose etcd is saved.'),
      storeRef: localReference('The SnapshotStore that keeps it.'),
    })
    .meta(typeName('EtcdSnapshotSpec'));

const status = () =>
  z
    .object({
      location: z
        .string()
        .optional()
        .describe("Name of the snapshot in its store; a cache of the store's manifest (SR-10)."),
      digest: z.string().optional().describe('SHA-256 of the stored file.'),
      sizeBytes: z.int().min(0).optional().describe('Size of the stored file.'),
      revision: z.int().min(0).optional().describe('etcd revision that it holds.'),
      keyCount: z.int().min(0).optional().describe('Number of keys.'),
      etcdClusterID: z.string().optional().describe('Id of the etcd cluster it was taken from.'),
      k0sVersion: z.string().optional().describe('k0s version of the control plane.'),
      takenAt: dateTime().optional().describe('When it was taken.'),
      verifiedAt: dateTime().optional().describe('When a trial restore last proved it (SR-13).'),
      proof: z.enum(['live', 'internal']).optional().describe('What the trial restore was compared with (SR-13).'),
      restoreSeconds: z.int32().min(0).optional().describe('How long the trial restore took.'),
      conditions: conditions(),
    })
    .meta(typeName('EtcdSnapshotStatus'));

/** One snapshot of one etcd. */
export const EtcdSnapshot = defineKind({
  group: groups.etcd,
  kind: 'EtcdSnapshot',
  plural: 'etcdsnapshots',
  labels: snapshotLabels,
  summary:
    "EtcdSnapshot is one snapshot of a control plane's etcd; it counts once a trial restore has proved it. Its controller comes later: objects are stored, nothing acts on them yet.",
  versions: alphaVersion({
    spec: snapshotSpec().meta(celRule('self == oldSelf', 'a snapshot is taken once: make a new EtcdSnapshot instead')),
    status: status(),
    columns: [
      { name: 'Control Plane', path: '.spec.controlPlaneRef.name' },
      { name: 'Store', path: '.spec.storeRef.name' },
      { name: 'Revision', path: '.status.revision', type: 'integer' },
      { name: 'Verified', path: '.status.verifiedAt', type: 'date' },
      columns.ready,
      columns.age,
    ],
  }),
});
