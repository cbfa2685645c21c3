import type { K0sControlPlane } from '@k0smotron/api';
import { managesEtcd } from '@k0smotron/k0s';
import type { Finding, KubeObject } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';
import { whyAlone } from '../machines/why-alone.ts';

/** `autoscaling/v1` Scale, which writes to the scale subresource are. */
export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

const field = 'spec.replicas';

/** How many controllers can be, by what stores their data. */
export const checkReplicas: Check<K0sControlPlane> = ({ spec }) => {
  const { replicas = 1, k0sConfigSpec } = spec;
  if (replicas === 1) return [];
  const message = whyAlone(k0sConfigSpec ?? {});
  if (message) return [{ field, message }];
  return managesEtcd(k0sConfigSpec?.k0s, { single: false }) ? evenFindings(replicas) : [];
};

/**
 * `kubectl scale` and autoscalers pass the object's own webhook by (CP-06); only the number is known here. The schema sees to
 * `--single`, and the controller adds nobody to one that must stay alone.
 */
export const checkScale: Check<Scale> = ({ spec }) => evenFindings(spec?.replicas ?? 1);

const evenFindings = (replicas: number): Finding[] =>
  replicas % 2 === 1
    ? []
    : [
        {
          field,
          message: `etcd of ${replicas} members bears no more failures than of ${replicas - 1}: write an odd number`,
          warning: true,
        },
      ];
