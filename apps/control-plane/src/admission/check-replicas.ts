import type { K0sControlPlane } from '@k0smotron/api';
import { isSingle, managesEtcd, readableArgs } from '@k0smotron/k0s';
import type { Finding, KubeObject } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';

/** `autoscaling/v1` Scale, which writes to the scale subresource are. */
export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

const field = 'spec.replicas';

/** How many controllers can be, by what stores their data. */
export const checkReplicas: Check<K0sControlPlane> = ({ spec }) => {
  const { replicas = 1, k0sConfigSpec: { k0s, args } = {} } = spec;
  const single = isSingle(readableArgs(args));
  if (replicas === 1) return [];
  if (single)
    return [{ field, message: '--single makes a cluster of one controller: write 1, or take it out of args' }];
  if (storesAlone(k0s)) {
    const message = 'kine on SQLite cannot be shared by controllers: write 1, or give spec.storage.kine.dataSource';
    return [{ field, message }];
  }
  return managesEtcd(k0s, { single }) ? evenFindings(replicas) : [];
};

/** `kubectl scale` and autoscalers pass the object's own webhook by (CP-06); only the number is known here. */
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

/** k0s's default for kine is a SQLite file on the controller. */
function storesAlone(k0s: Readonly<Record<string, unknown>> | undefined): boolean {
  const { storage } = (k0s?.['spec'] ?? {}) as { storage?: { type?: unknown; kine?: { dataSource?: unknown } } };
  const source = storage?.kine?.dataSource;
  return storage?.type === 'kine' && (typeof source !== 'string' || source === '' || source.startsWith('sqlite'));
}
