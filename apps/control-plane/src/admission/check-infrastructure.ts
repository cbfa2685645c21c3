import type { K0sControlPlane } from '@k0smotron/api';
import type { Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';

/** Machines are copied from a template, so that is what has to be named. */
export const checkInfrastructure: Check<K0sControlPlane> = ({ metadata, spec }) => {
  const { infrastructureRef: old, spec: machine } = spec.machineTemplate ?? {};
  const ref = machine?.infrastructureRef;
  return [
    ...kindFindings(ref?.kind, 'spec.machineTemplate.spec.infrastructureRef'),
    ...kindFindings(old?.kind, 'spec.machineTemplate.infrastructureRef'),
    ...(ref ? [] : oldPlaceFindings(old ?? {}, metadata.namespace)),
  ];
};

/** Contract kinds end in `Template`, and those of clusters are no machines. */
function kindFindings(kind: string | undefined, at: string): Finding[] {
  const field = `${at}.kind`;
  if (!kind) return [];
  if (kind.endsWith('ClusterTemplate') || kind.endsWith('Cluster')) {
    return [
      {
        field,
        message: `${kind} makes no machines: write the kind of a machine template, such as RemoteMachineTemplate`,
      },
    ];
  }
  return kind.endsWith('Template')
    ? []
    : [
        {
          field,
          message: `${kind} is no template: write the kind that machines are copied from, such as ${kind}Template`,
        },
      ];
}

/** The place of the v1beta1 contract, where the schema demands nothing. */
function oldPlaceFindings(
  { kind, name, namespace }: { readonly kind?: string; readonly name?: string; readonly namespace?: string },
  own: string | undefined,
): Finding[] {
  const at = 'spec.machineTemplate.infrastructureRef';
  const missing = Object.entries({ kind, name })
    .filter(([, value]) => !value)
    .map(([part]) => ({ field: `${at}.${part}`, message: 'is missing: write it' }));
  if (!namespace || !own || namespace === own) return missing;
  const message = `${namespace} is not looked at: templates are taken from namespace ${own}`;
  return [...missing, { field: `${at}.namespace`, message, warning: true }];
}
