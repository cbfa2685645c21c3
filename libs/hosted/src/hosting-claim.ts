import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';

/** In a cluster that is not the plane's own: says that the plane's names in its namespace are taken, for people too. */
export const hostingClaimObject = (plane: HostedPlane): HostedObject =>
  hostedObject(
    plane,
    { kind: 'ConfigMap', name: namesOf(plane).hostingClaim, group: 'cluster', component: 'control-plane' },
    { data: { cluster: `${plane.namespace}/${plane.name}` } },
  );
