import type {
  K0sControllerConfig,
  K0sWorkerConfig,
  K0sWorkerConfigSpec,
  K0sWorkerConfigTemplate,
} from '@k0smotron/api';
import { clusterConfigFindings, settingsFindings, versionFindings } from '@k0smotron/k0s';
import { asWarnings, type Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';

/** What a worker's configuration says that no worker can be made of. */
export const checkWorkerConfig: Check<K0sWorkerConfig> = ({ spec }) => workerFindings(spec, 'spec');

/** The same for a controller's. */
export const checkControllerConfig: Check<K0sControllerConfig> = ({ spec }) => [
  ...versionFindings(spec?.version, 'spec.version'),
  ...settingsFindings(spec ?? {}, { role: 'controller', version: spec?.version, field: 'spec' }),
  ...clusterConfigFindings(spec?.k0s, spec?.version, 'spec.k0s'),
];

/** Told only: patches of a topology may complete a template, and the original takes any. */
export const checkWorkerTemplate: Check<K0sWorkerConfigTemplate> = ({ spec }) =>
  asWarnings(workerFindings(spec?.template?.spec, 'spec.template.spec'));

const workerFindings = (spec: K0sWorkerConfigSpec | undefined, field: string): Finding[] => [
  ...versionFindings(spec?.version, `${field}.version`),
  ...settingsFindings(spec ?? {}, { role: 'worker', version: spec?.version, field }),
];
