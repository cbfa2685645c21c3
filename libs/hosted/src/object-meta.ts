import { objectLabels, type PodGroup } from './labels.ts';
import type { HostedComponent, HostedObject, HostedPlane } from './plane.ts';

/** What one object is and is called. */
export interface ObjectHead {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
  readonly group: PodGroup;
  readonly component: HostedComponent;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An object of the plane: its head, and the rest. The Cluster's own annotations do not come on it (weak point 26). */
export const hostedObject = (
  plane: HostedPlane,
  { apiVersion = 'v1', kind, name, group, component, annotations }: ObjectHead,
  rest: Readonly<Record<string, unknown>>,
): HostedObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: plane.namespace,
    labels: objectLabels(plane, group, component),
    ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
  },
  ...rest,
});
