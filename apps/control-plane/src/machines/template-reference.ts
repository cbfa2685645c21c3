import type { K0sControlPlane } from '@k0smotron/api';
import type { TemplateReference } from './infrastructure-kind.ts';

/** The template that new machines are made from, in whichever contract's place the user wrote it (CP-20). */
export function templateReference({ spec }: Pick<K0sControlPlane, 'spec'>): TemplateReference {
  const { infrastructureRef: old, spec: machineSpec } = spec.machineTemplate;
  const ref = machineSpec?.infrastructureRef;
  if (ref) return { group: ref.apiGroup, kind: ref.kind, name: ref.name };
  const [group = ''] = (old?.apiVersion ?? 'infrastructure.cluster.x-k8s.io/').split('/');
  return { group, kind: old?.kind ?? '', name: old?.name ?? '' };
}
