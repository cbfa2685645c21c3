import { ConfigMap, Secret } from '@k0smotron/api';
import type { Kind } from '@k0smotron/core';
import type { Selection } from '@k0smotron/runtime';
import { generatedKinds, PersistentVolumeClaim, Pod, Service, StatefulSet } from './kinds.ts';
import { hostedSelector } from './names.ts';
import { byPlane, planeKeysOf } from './plane.ts';

/** Of the others only metadata is cached: what was applied is told by a hash among the annotations. */
const readWhole: readonly Kind[] = [Service, StatefulSet, Pod, ConfigMap, PersistentVolumeClaim];

const selectionOf = (kind: Kind): Selection => ({
  kind,
  labelSelector: hostedSelector,
  metadataOnly: !readWhole.includes(kind),
  indexes: { [byPlane]: planeKeysOf },
});

/** What is watched of planes in the cluster that their pods run in, if that is the Cluster's own; no Secrets (SR-18). */
export const selectionsAtHome: readonly Selection[] = [...generatedKinds, Pod, PersistentVolumeClaim].map(selectionOf);

/** The same in another cluster, whose kubeconfig is for this; there the copies of certificates are among it. */
export const selectionsElsewhere: readonly Selection[] = [...selectionsAtHome, selectionOf(Secret)];
