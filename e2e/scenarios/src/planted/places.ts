import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cluster, ConfigMap, KubeEvent, Machine, MachineDeployment, MachineSet } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import { ourKinds } from '../system/install-crds.ts';
import type { System } from '../system/start-system.ts';

/** A text that more people read than may read Secrets. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** Copies of a spec, which is the user's own to fill. */
const copiesOfSpecs = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'k0s.controlplane.cluster.x-k8s.io/k0s-config',
  'cluster.x-k8s.io/conversion-data',
];

/** Everything that the services of a system say: logs, metrics, facts, Events, ConfigMaps, states of objects. */
export async function placesOf(system: System): Promise<readonly Place[]> {
  const { services, lab } = system;
  const logs = services.map(async ({ name, process }) => ({
    name: `log of ${name}`,
    text: await readFile(process.logPath, 'utf8'),
  }));
  const metrics = services.map(async ({ name, diagnosticsPort }) => ({
    name: `metrics of ${name}`,
    text: await (await fetch(`http://127.0.0.1:${diagnosticsPort}/metrics`)).text(),
  }));
  const whole = [KubeEvent, ConfigMap].map((kind) => objects(system, kind, (object) => object));
  const ours = [Cluster, Machine, MachineDeployment, MachineSet, ...(await ourKinds())] as Kind<KubeObject>[];
  const states = ours.map((kind) => objects(system, kind, stateOf));
  return [
    ...(await Promise.all([...logs, ...metrics])),
    ...(await Promise.all([...whole, ...states])).flat(),
    ...(await filesIn(join(lab.dir, 'nats'))),
  ];
}

async function objects({ kube }: System, kind: Kind<KubeObject>, part: (object: KubeObject) => unknown) {
  return (await kube.list(kind)).map((object) => ({
    name: `${kind.kind} ${object.metadata.namespace}/${object.metadata.name}`,
    text: JSON.stringify(part(object)),
  }));
}

function stateOf(object: KubeObject): unknown {
  const { metadata, status } = object as KubeObject & { readonly status?: unknown };
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !copiesOfSpecs.includes(name));
  return { ...metadata, annotations, managedFields: undefined, status };
}

/** The broker keeps messages in files as they came: nothing that was ever told escapes. */
async function filesIn(folder: string): Promise<Place[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => {
        const path = join(file.parentPath, file.name);
        return { name: `NATS ${path.slice(folder.length + 1)}`, text: await readFile(path, 'latin1') };
      }),
  );
}
