import { defragCertificates } from './certificate-files.ts';
import { podLabels } from './labels.ts';
import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';
import { confined, podIdentity } from './pod-security.ts';

/** Nobody in particular: the job needs nothing but its certificate. */
const user = 65_532;

/** A member that takes longer than all this is better looked at than waited for, in s. */
const deadlineSeconds = 3600;

/**
 * The job that gives etcd's members back what they no longer need, in the user's rhythm, by the original's tool. That looks at
 * the health of all members before it begins, takes one after another, the leader last, and is told to end at the first that
 * fails; it is not tried again before its time. Without it there is no object.
 *
 * Its pods have a component of their own: with etcd's they would be behind its Service.
 */
export function etcdDefrag(plane: HostedPlane): readonly HostedObject[] {
  const job = plane.spec.storage.etcd.defragJob;
  if (job?.enabled !== true) return [];
  const names = namesOf(plane);
  const head = { apiVersion: 'batch/v1', kind: 'CronJob', name: names.etcdDefrag } as const;
  return [
    hostedObject(
      plane,
      { ...head, group: 'defrag', component: 'etcd' },
      {
        spec: {
          schedule: job.schedule,
          concurrencyPolicy: 'Forbid',
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: {
            spec: {
              backoffLimit: 0,
              activeDeadlineSeconds: deadlineSeconds,
              template: { metadata: { labels: podLabels(plane, 'defrag') }, spec: defragPod(plane, job) },
            },
          },
        },
      },
    ),
  ];
}

type DefragJob = NonNullable<HostedPlane['spec']['storage']['etcd']['defragJob']>;

const defragPod = (plane: HostedPlane, { image, rule }: DefragJob) => ({
  ...podIdentity(plane),
  restartPolicy: 'Never',
  securityContext: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [
    {
      name: 'etcd-defrag',
      image,
      args: [
        `--endpoints=https://${namesOf(plane).etcd}.${plane.namespace}.svc:2379`,
        '--cluster',
        '--cacert=/pki/etcd-ca.crt',
        '--cert=/pki/apiserver-etcd-client.crt',
        '--key=/pki/apiserver-etcd-client.key',
        '--continue-on-error=false',
        `--defrag-rule=${rule}`,
      ],
      securityContext: confined(),
      volumeMounts: [{ name: 'certificates', mountPath: '/pki', readOnly: true }],
    },
  ],
  volumes: [defragCertificates(plane)],
});
