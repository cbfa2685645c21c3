import { labels } from '@k0smotron/api';
import type { HostedComponent, HostedPlane } from './plane.ts';
import { shorten } from './shorten.ts';

/** What a pod is for: the original's label `component`, by which pods are selected. */
export type PodGroup = 'cluster' | 'etcd' | 'defrag';

/**
 * Labels that pods are selected by. Selectors cannot change, so nothing that a user can change is among them (weak point 26
 * of the original, where a new label on a Cluster broke its StatefulSets).
 */
export const selectorLabels = ({ name }: HostedPlane, group: PodGroup): Readonly<Record<string, string>> => ({
  app: 'k0smotron',
  cluster: shorten(name),
  component: group,
});

/** Labels of pods: the selector's, and what Cluster API and the original find the pods of controllers by. */
export function podLabels(plane: HostedPlane, group: PodGroup): Readonly<Record<string, string>> {
  const cluster = plane.labels?.[labels.clusterName];
  return {
    ...(cluster === undefined ? {} : { [labels.clusterName]: cluster }),
    ...(group === 'cluster' ? { [labels.controlPlane]: 'true' } : {}),
    ...selectorLabels(plane, group),
  };
}

/** Labels of objects: the user's, ours over them, and the component that patches aim at. */
export const objectLabels = (
  plane: HostedPlane,
  group: PodGroup,
  component: HostedComponent,
): Readonly<Record<string, string>> => ({
  ...plane.labels,
  ...podLabels(plane, group),
  'app.kubernetes.io/component': component,
});
