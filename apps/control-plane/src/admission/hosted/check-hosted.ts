import type {
  HostedClusterSpec,
  K0smotronCluster,
  K0smotronControlPlane,
  K0smotronControlPlaneTemplate,
} from '@k0smotron/api';
import { asWarnings, type Finding } from '@k0smotron/core';
import { storageProblem } from '@k0smotron/hosted';
import { clusterConfigFindings, skewFindings } from '@k0smotron/k0s';
import type { Check } from '@k0smotron/runtime';
import { addressFindings } from './check-addresses.ts';
import { argumentFindings } from './check-arguments.ts';
import { volumeFindings } from './check-volumes.ts';

/** A hosted Cluster: its name is part of labels, which hold 63 characters. */
export const checkHostedCluster: Check<K0smotronCluster> = ({ metadata, spec }, old) => [
  ...(metadata.name.length > longestName
    ? [{ field: 'metadata.name', message: `has ${metadata.name.length} characters: write at most ${longestName}` }]
    : []),
  ...specFindings(spec, 'spec'),
  ...placeFindings(spec, old?.spec),
];

const longestName = 63;

/** The same spec; what is made of it is named as the Cluster API Cluster, whose name is short enough. */
export const checkHostedControlPlane: Check<K0smotronControlPlane> = ({ spec }, old) => [
  ...specFindings(spec, 'spec'),
  ...placeFindings(spec, old?.spec),
  ...(old && old.spec.version !== spec.version ? skewFindings(spec.version, old.status, 'spec.version') : []),
];

/** Told only: patches of a topology may complete a template. */
export const checkHostedTemplate: Check<K0smotronControlPlaneTemplate> = ({ spec }) => {
  const template = spec?.template?.spec;
  return template ? asWarnings(specFindings(template, 'spec.template.spec')) : [];
};

const specFindings = (written: HostedClusterSpec, at: string): Finding[] => {
  const spec = complete(written);
  return [
    ...imageFindings(spec.image, `${at}.image`),
    ...addressFindings(spec, at),
    ...argumentFindings(spec, at),
    ...volumeFindings(spec, at),
    ...storageFindings(spec, `${at}.storage`),
    ...clusterConfigFindings(spec.k0sConfig, spec.version, `${at}.k0sConfig`),
  ];
};

/** Another Secret for the same cluster is fine; into or out of another one, pods would begin with nothing. */
function placeFindings(spec: HostedClusterSpec, old: HostedClusterSpec | undefined): Finding[] {
  const isElsewhere = ({ remoteHostCluster }: HostedClusterSpec): boolean =>
    remoteHostCluster?.kubeconfigRef !== undefined;
  if (!old || isElsewhere(old) === isElsewhere(spec)) return [];
  const message = `pods and their data stay where they are: ${isElsewhere(old) ? 'put it back' : 'take it out'}`;
  return [{ field: 'spec.remoteHostCluster', message: `${message}, or make a new Cluster` }];
}

/** The API server fills defaults in before it asks; a webhook answers to what has none, too. */
function complete(spec: Partial<HostedClusterSpec>): HostedClusterSpec {
  const { service, storage } = spec;
  return {
    replicas: 1,
    image: 'quay.io/k0sproject/k0s',
    ...spec,
    service: { apiPort: 30443, konnectivityPort: 30132, ...service },
    storage: { type: 'etcd', ...storage, etcd: { ...storage?.etcd } },
  } as HostedClusterSpec;
}

/** As far as the spec says it: a data source in a Secret is not known here. */
function storageFindings(spec: HostedClusterSpec, field: string): Finding[] {
  const message = spec.storage.kine?.dataSourceSecretName ? undefined : storageProblem(spec);
  return message === undefined ? [] : [{ field, message }];
}

/** A colon before the last slash is the port of a registry. The original's documents have a tag too, so that is told only. */
function imageFindings(image: string, field: string): Finding[] {
  if (!/^[\w.\-/:@]+$/.test(image)) return [{ field, message: `${JSON.stringify(image)} is no image: write a name` }];
  const message = `${image} has a tag, and gets another from the version: write the image without it`;
  return /[:@][^/]*$/.test(image) ? [{ field, message, warning: true }] : [];
}
