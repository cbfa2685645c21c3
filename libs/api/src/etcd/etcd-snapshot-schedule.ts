import { dateTime, defineKind, typeName, z } from '@k0smotron/crd';
import { snapshotSpec } from './etcd-snapshot.ts';
import { alphaVersion, snapshotLabels } from './fields.ts';
import { conditions } from '../declarations/fields/meta.ts';
import { columns, groups } from '../declarations/versions.ts';

const keep = (which: string) =>
  z.int32().min(0).max(1000).optional().describe(`Keeps the newest snapshot of so many ${which}.`);

const spec = () =>
  z
    .object({
      schedule: z.string().min(1).max(128).describe('When, as a cron line, for example "0 3 * * *".'),
      timeZone: z.string().min(1).max(64).default('UTC').describe('Time zone of the cron line.'),
      jitterSeconds: z.int32().min(0).max(3600).default(0).describe('Starts up to so many seconds late, by chance.'),
      suspend: z.boolean().default(false).describe('Takes no snapshots while true.'),
      missedRuns: z
        .enum(['RunOnce', 'Skip'])
        .default('RunOnce')
        .describe('What to do about times that passed while nobody looked.'),
      maxAgeSeconds: z
        .int32()
        .min(60)
        .optional()
        .describe('The newest verified snapshot must not be older, or the control plane is not RecoveryReady.'),
      retention: z
        .object({
          last: z.int32().min(1).max(1000).optional().describe('Keeps so many of the newest snapshots.'),
          hourly: keep('hours'),
          daily: keep('days'),
          weekly: keep('weeks'),
          monthly: keep('months'),
          yearly: keep('years'),
        })
        .meta(typeName('RetentionSpec'))
        .optional()
        .describe('What to keep; the last verified snapshot always stays. Unset keeps all.'),
      template: z
        .object({ spec: snapshotSpec().describe('Spec of the snapshots.') })
        .describe('What each snapshot looks like.'),
    })
    .meta(typeName('EtcdSnapshotScheduleSpec'));

const status = () =>
  z
    .object({
      lastScheduledAt: dateTime().optional().describe('The time that was last acted on.'),
      lastVerified: z.string().optional().describe('Name of the newest verified EtcdSnapshot.'),
      conditions: conditions(),
    })
    .meta(typeName('EtcdSnapshotScheduleStatus'));

/** Takes snapshots by the clock, and forgets old ones. */
export const EtcdSnapshotSchedule = defineKind({
  group: groups.etcd,
  kind: 'EtcdSnapshotSchedule',
  plural: 'etcdsnapshotschedules',
  labels: snapshotLabels,
  summary:
    'EtcdSnapshotSchedule takes snapshots by the clock and removes old ones. Its controller comes later: objects are stored, nothing acts on them yet.',
  versions: alphaVersion({
    spec: spec(),
    status: status(),
    columns: [
      { name: 'Schedule', path: '.spec.schedule' },
      { name: 'Suspended', path: '.spec.suspend', type: 'boolean' },
      { name: 'Last', path: '.status.lastScheduledAt', type: 'date' },
      columns.ready,
      columns.age,
    ],
  }),
});
