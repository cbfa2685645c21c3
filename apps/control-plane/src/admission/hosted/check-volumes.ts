import type { HostedClusterSpec } from '@k0smotron/api';
import type { Finding } from '@k0smotron/core';

/** Volumes of a controller's pod that are there anyway. */
const ours = ['config', 'certificates', 'pki', 'run', 'tmp', 'endpoint'];

/** Volumes that a StatefulSet cannot have, which would be found out when it is made. */
export const volumeFindings = ({ manifests = [], mounts = [] }: HostedClusterSpec, at: string): Finding[] => [
  ...manifests.flatMap(({ name }, index) => nameFindings(name, `${at}.manifests[${index}].name`)),
  ...mounts.flatMap(({ path }, index) => pathFindings(path, `${at}.mounts[${index}].path`)),
  ...twice(
    manifests.map(({ name }) => name),
    (index) => `${at}.manifests[${index}].name`,
  ),
  ...twice(
    mounts.map(({ path }) => path),
    (index) => `${at}.mounts[${index}].path`,
  ),
];

/** The name of the volume is the name of the folder of manifests too: nothing but a DNS label, so no way out of there. */
function nameFindings(name: string, field: string): Finding[] {
  if (ours.includes(name)) return [{ field, message: `${name} is a volume of ours: write another name` }];
  return /^[a-z\d]([-a-z\d]{0,61}[a-z\d])?$/.test(name)
    ? []
    : [
        {
          field,
          message: `${JSON.stringify(name)} is no name of a volume: write lower-case letters, digits and dashes`,
        },
      ];
}

function pathFindings(path: string, field: string): Finding[] {
  if (!path.startsWith('/')) return [{ field, message: 'is no absolute path: let it begin with /' }];
  return path.includes(':') || path.split('/').includes('..')
    ? [{ field, message: 'holds a colon or .. as part, which no mount may: take it out' }]
    : [];
}

const twice = (values: readonly string[], fieldOf: (index: number) => string): Finding[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ field: fieldOf(index), message: `${value} is there twice: take one out` }] : [],
  );
