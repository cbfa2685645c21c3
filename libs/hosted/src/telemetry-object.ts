import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';

/** A manifest for the workload cluster in which k0s's telemetry, where a user switched it on, reads who made the cluster. */
export function telemetryObject(plane: HostedPlane): HostedObject {
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'k0s-telemetry', namespace: 'kube-system' },
    data: { provider: 'k0smotron' },
  };
  return hostedObject(
    plane,
    { kind: 'ConfigMap', name: namesOf(plane).telemetry, group: 'cluster', component: 'telemetry' },
    { data: { 'configmap.yaml': JSON.stringify(manifest, undefined, 2) } },
  );
}
