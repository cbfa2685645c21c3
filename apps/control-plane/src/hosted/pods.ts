import { isDeleting } from '@k0smotron/core';
import type { Pod, StatefulSet } from './kinds.ts';

/** True once the pod's readiness probe is content. */
export const isReady = (pod: Pod): boolean =>
  !isDeleting(pod) &&
  (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false);

/** True while a container of the pod runs, ready or not. */
export const isRunning = ({ status }: Pod): boolean =>
  status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false;

/** Number of a StatefulSet's pod. */
export const ordinalOf = ({ metadata }: Pod): number => Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? Number.NaN);

/**
 * Whether a pod was made from the present template. While the StatefulSet's controller has not seen its last change nobody
 * knows better than yes.
 */
export const isUpToDate = ({ metadata }: Pod, { status }: StatefulSet): boolean =>
  status?.updateRevision === undefined || metadata.labels?.['controller-revision-hash'] === status.updateRevision;

const imageOf = ({ spec }: Pod, container: string): string =>
  spec?.containers?.find(({ name }) => name === container)?.image ?? '';

/** Tag of the image that a container of the pod runs. */
export const imageTagOf = (pod: Pod, container: string): string | undefined =>
  /:([^:/@]+)(@|$)/.exec(imageOf(pod, container))?.[1];

/** Why a pod is not ready, in words that stay the same while it lasts (C-03); undefined for a ready one. */
export function podProblem(pod: Pod): string | undefined {
  if (isReady(pod)) return undefined;
  const { name } = pod.metadata;
  if (isDeleting(pod)) return `pod ${name} is being deleted`;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return `pod ${name} fits on no node: ${scheduled.message ?? 'no reason given'}`;
  const problems = (pod.status?.containerStatuses ?? []).flatMap((container) => containerProblem(pod, container) ?? []);
  return problems[0] ?? `pod ${name} is not ready yet`;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function containerProblem(pod: Pod, { name, state, lastState }: ContainerStatus): string | undefined {
  const { metadata } = pod;
  const waits = state?.waiting?.reason ?? '';
  // Kubernetes changes to and fro between the two while it tries.
  if (/ErrImagePull|ImagePullBackOff|InvalidImageName/.test(waits)) {
    const image = imageOf(pod, name);
    return `pod ${metadata.name} cannot pull image ${image}: check its name and the node's access to the registry`;
  }
  const ended = lastState?.terminated ?? state?.terminated;
  if (ended) return `container ${name} of pod ${metadata.name} ended with exit code ${ended.exitCode}: see its log`;
  const usual = ['', 'ContainerCreating', 'PodInitializing'].includes(waits);
  return usual ? undefined : `container ${name} of pod ${metadata.name} waits: ${waits}`;
}
