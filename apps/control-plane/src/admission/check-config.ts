import type { K0sConfigSpec, K0sControlPlane, K0sControlPlaneTemplate } from '@k0smotron/api';
import {
  clusterConfigFindings,
  settingsFindings,
  skewFindings,
  spellingFindings,
  versionFindings,
} from '@k0smotron/k0s';
import { asWarnings, type Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';

/** The version, by itself and against what runs. */
export const checkVersion: Check<K0sControlPlane> = ({ spec }, old) => [
  ...versionFindings(spec.version, 'spec.version'),
  ...spellingFindings(spec.version, 'spec.version'),
  ...(old && old.spec.version !== spec.version ? skewFindings(spec.version, old.status, 'spec.version') : []),
];

/** How controllers are set up. */
export const checkConfig: Check<K0sControlPlane> = ({ spec }) =>
  configFindings(spec.k0sConfigSpec, spec.version, 'spec.k0sConfigSpec');

/** Told only: patches of a topology may complete a template, and the original takes any. */
export const checkTemplate: Check<K0sControlPlaneTemplate> = ({ spec }) => {
  const { version, k0sConfigSpec } = spec?.template?.spec ?? {};
  return asWarnings([
    ...versionFindings(version, 'spec.template.spec.version'),
    ...configFindings(k0sConfigSpec, version, 'spec.template.spec.k0sConfigSpec'),
  ]);
};

function configFindings(config: K0sConfigSpec | undefined, version: string | undefined, field: string): Finding[] {
  if (!config) return [];
  return [
    ...settingsFindings(config, { role: 'controller', version, field }),
    ...clusterConfigFindings(config.k0s, version, `${field}.k0s`),
    ...tunnelFindings(config.tunneling, `${field}.tunneling`),
  ];
}

/** Kubernetes' default range of node ports; a cluster may have another. */
const [firstPort, lastPort] = [30000, 32767];

function tunnelFindings(tunneling: K0sConfigSpec['tunneling'], field: string): Finding[] {
  if (!tunneling?.enabled) return [];
  const { serverNodePort, tunnelingNodePort } = tunneling;
  const outside = Object.entries({ serverNodePort, tunnelingNodePort })
    .filter(([, port]) => port < firstPort || port > lastPort)
    .map(([name, port]) => ({
      field: `${field}.${name}`,
      message: `${port} is no usual node port: write one from ${firstPort} to ${lastPort}`,
      warning: true,
    }));
  if (serverNodePort !== tunnelingNodePort) return outside;
  const message = `is ${tunnelingNodePort}, as serverNodePort is: write another port`;
  return [...outside, { field: `${field}.tunnelingNodePort`, message }];
}
