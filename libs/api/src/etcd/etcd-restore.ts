import { celRule, dateTime, defineKind, typeName, z } from '@k0smotron/crd';
import { alphaVersion, controlPlaneReference, localReference, snapshotLabels } from './fields.ts';
import { conditions } from '../declarations/fields/meta.ts';
import { columns, groups } from '../declarations/versions.ts';

const spec = () =>
  z
    .object({
      snapshotRef: localReference('The EtcdSnapshot to restore.'),
      target: z
        .object({
          controlPlaneRef: controlPlaneReference('The control plane to restore into.'),
          expectedClusterID: z
            .string()
            .min(1)
            .max(64)
            .describe(
              'Id of the etcd cluster that is to be replaced, or "none" for a new plane or one without quorum. A restore changes the id, so a repeated object is refused (SR-10).',
            ),
        })
        .describe('Where the snapshot goes.'),
      acknowledgeDataLoss: z
        .boolean()
        .default(false)
        .describe(
          'Must be true where writes after the snapshot are lost, as in every restore of a living control plane.',
        ),
      clone: z
        .object({
          acknowledgeSharedIdentity: z
            .boolean()
            .default(false)
            .describe('Must be true before a second plane with the same authorities may act (SR-14).'),
        })
        .optional()
        .describe('For a plane that lives on beside its source.'),
    })
    .meta({
      ...typeName('EtcdRestoreSpec'),
      ...celRule('self == oldSelf', 'a restore runs once: make a new EtcdRestore instead'),
    });

const status = () =>
  z
    .object({
      restoreID: z.string().optional().describe('Id of this restore, also kept in the restored etcd (SR-10).'),
      finishedAt: dateTime().optional().describe('When the restored control plane was verified.'),
      conditions: conditions(),
    })
    .meta(typeName('EtcdRestoreStatus'));

/** Restores one snapshot, once. */
export const EtcdRestore = defineKind({
  group: groups.etcd,
  kind: 'EtcdRestore',
  plural: 'etcdrestores',
  labels: snapshotLabels,
  summary:
    'EtcdRestore restores one snapshot into one control plane, once. Its controller comes later: objects are stored, nothing acts on them yet.',
  versions: alphaVersion({
    spec: spec(),
    status: status(),
    columns: [
      { name: 'Snapshot', path: '.spec.snapshotRef.name' },
      { name: 'Control Plane', path: '.spec.target.controlPlaneRef.name' },
      { name: 'Finished', path: '.status.finishedAt', type: 'date' },
      columns.ready,
      columns.age,
    ],
  }),
});
