import type { JsonObject } from './json.ts';
import { selectorLabels, type PodGroup } from './labels.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedComponent, HostedObject, HostedPlane } from './plane.ts';

/** Spreads the pods of one group: the user's constraints, and a wish for different zones and nodes. */
export function placement(plane: HostedPlane, group: PodGroup): JsonObject {
  const away = (weight: number, topologyKey: string) => ({
    weight,
    podAffinityTerm: { topologyKey, labelSelector: { matchLabels: selectorLabels(plane, group) } },
  });
  const { topologySpreadConstraints = [] } = plane.spec;
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          away(100, 'topology.kubernetes.io/zone'),
          away(50, 'kubernetes.io/hostname'),
        ],
      },
    },
    ...(topologySpreadConstraints.length > 0 ? { topologySpreadConstraints } : {}),
  };
}

/** Keeps drains of nodes from taking two pods of a group at once. One pod alone may be drained, or nodes could never be. */
export const disruptionBudget = (
  plane: HostedPlane,
  name: string,
  group: PodGroup,
  component: HostedComponent,
): HostedObject =>
  hostedObject(
    plane,
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name, group, component },
    { spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(plane, group) } } },
  );
