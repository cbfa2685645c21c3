import { createHash } from 'node:crypto';
import type { Manifest, Mount } from '@k0smotron/api';
import { authorityMounts, certificatesFolder, controllerCertificates, pkiFolder } from './certificate-files.ts';
import { ingressStacks } from './ingress-objects.ts';
import type { JsonObject } from './json.ts';
import { configFolder } from './storage-config.ts';
import { monitoringParts } from './monitoring-objects.ts';
import { namesOf } from './names.ts';
import { natsClaims, natsMounts } from './nats-objects.ts';
import type { HostedPlane, HostedWorld } from './plane.ts';

/** Where k0s keeps all that it writes. */
const dataFolder = '/var/lib/k0s';

/** Volumes and mounts of a controller's pod. */
export interface ControllerVolumes {
  readonly volumes: readonly JsonObject[];
  readonly mounts: readonly JsonObject[];
  /** Of the StatefulSet, for persistence of type pvc. */
  readonly claimTemplates: readonly JsonObject[];
}

/** All that is mounted into a controller: configuration, data, manifests and the user's mounts. */
export function controllerVolumes(plane: HostedPlane, world: HostedWorld): ControllerVolumes {
  const { manifests = [], mounts = [] } = plane.spec;
  const names = namesOf(plane);
  const { volume, claimTemplate, name: data } = persistence(plane);
  const stacks = [
    { name: 'endpoint', configMap: { name: names.endpoint, optional: true } },
    { name: 'k0s-telemetry', configMap: { name: names.telemetry } },
    ...ingressStacks(plane),
  ];
  return {
    claimTemplates: [...(claimTemplate ? [claimTemplate] : []), ...natsClaims(plane)],
    volumes: [
      { name: 'config', ...configSource(names.config, world) },
      controllerCertificates(plane),
      ...(volume ? [volume] : []),
      // Each start issues its certificates anew, with the present names and authorities; their keys never reach a disk.
      { name: 'pki', emptyDir: { medium: 'Memory' } },
      ...['run', 'tmp'].map((name) => ({ name, emptyDir: {} })),
      ...stacks,
      ...manifests.map(({ name, ...source }) => ({ name, ...source })),
      ...mounts.map((mount) => ({ name: volumeName(mount.path), ...sourceOf(mount) })),
      ...monitoringParts(plane).volumes,
    ],
    mounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'certificates', mountPath: certificatesFolder, readOnly: true },
      { name: data, mountPath: dataFolder },
      { name: 'pki', mountPath: pkiFolder },
      ...authorityMounts,
      { name: 'run', mountPath: '/run/k0s' },
      { name: 'tmp', mountPath: '/tmp' },
      ...natsMounts(plane),
      ...[...stacks, ...manifests].map(({ name }: Pick<Manifest, 'name'>) => ({
        name,
        mountPath: `${dataFolder}/manifests/${name}`,
        readOnly: true,
      })),
      ...mounts.map(mountOf),
    ],
  };
}

/** A data source with a password in it is kept in a Secret. */
const configSource = (name: string, { kineDataSource }: HostedWorld): JsonObject =>
  kineDataSource === undefined ? { configMap: { name } } : { secret: { secretName: name } };

function persistence(plane: HostedPlane): { name: string; volume?: JsonObject; claimTemplate?: JsonObject } {
  const { type, hostPath, persistentVolumeClaim } = plane.spec.persistence;
  const name = persistentVolumeClaim?.metadata?.name || namesOf(plane).controlPlane;
  if (type === 'pvc') {
    const { labels, annotations } = persistentVolumeClaim?.metadata ?? {};
    const metadata = { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
    return { name, claimTemplate: { metadata, spec: persistentVolumeClaim?.spec ?? {} } };
  }
  return type === 'hostPath'
    ? { name, volume: { name, hostPath: { path: hostPath, type: 'DirectoryOrCreate' } } }
    : { name, volume: { name, emptyDir: {} } };
}

const sourceOf = ({ path: _path, readOnly: _readOnly, ...source }: Mount): JsonObject => source;

const mountOf = (mount: Mount): JsonObject => {
  const readOnly = mount.readOnly === true || mount.configMap !== undefined || mount.secret !== undefined;
  return { name: volumeName(mount.path), mountPath: mount.path, ...(readOnly ? { readOnly } : {}) };
};

/** The path with dashes, as in the original; five digits of its SHA-256 where that is no name. */
function volumeName(path: string): string {
  const dashed = path.replace(/^\/+|\/+$/g, '').replaceAll('/', '-');
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(dashed)) return dashed;
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 5);
  const clean = dashed
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  return `${clean.slice(0, 57)}-${digest}`.replace(/^-/, '');
}
