import type { KindDeclaration } from '@k0smotron/crd';
import fc from 'fast-check';
import { isObject, type JsonObject } from '../src/conversion/json.ts';
import { arbitraryObjectOf } from '../testing/index.ts';

const release = 'v1.34.4+k0s.0';
const infrastructureRef = {
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
  kind: 'RemoteMachineTemplate',
  name: 't',
};

/** The API server refuses negative numbers where there is a scale subresource. */
const replicas = (value: unknown): unknown => (typeof value === 'number' ? Math.abs(value) : value);

/** What fields must be to obey our CEL rules, by name wherever they are: generators know schemas only. */
const obedient: Readonly<Record<string, (value: unknown) => unknown>> = {
  version: () => release,
  k0sVersion: () => release,
  expiry: () => '1h30m',
  replicas,
  provisioner: (value) => (isObject(value) ? { ...value, platform: 'linux', type: 'ignition' } : value),
  files: (value) => (Array.isArray(value) ? value.map(() => ({ path: '/a', content: 'b' })) : value),
  persistence: (value) => (isObject(value) && 'type' in value ? { ...value, type: 'emptyDir' } : value),
};

function obeying(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(obeying);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, child]) => {
    const made = obeying(child);
    return [name, Object.hasOwn(obedient, name) ? obedient[name]?.(made) : made] as const;
  });
  const object: JsonObject = Object.fromEntries(entries);
  return 'ingress' in object ? { ...object, version: release } : object;
}

/** The required parts of a K0sControlPlane that CEL rules look at together. */
function completed(kind: string, spec: unknown): unknown {
  if (kind !== 'K0sControlPlane' || !isObject(spec)) return spec;
  return { ...spec, version: release, updateStrategy: 'InPlace', machineTemplate: { infrastructureRef } };
}

/** Random objects that the API server accepts, named after the kind, the version and the seed. */
export function validObjects(
  declaration: KindDeclaration,
  version: string,
  numRuns: number,
  seed: number,
): JsonObject[] {
  const { kind } = declaration;
  return fc.sample(arbitraryObjectOf(declaration, version), { numRuns, seed }).map((object, at) => {
    const { annotations } = object['metadata'] as JsonObject;
    return {
      ...object,
      metadata: {
        name: `${kind.toLowerCase()}-${version}-${seed}-${at}`,
        namespace: 'default',
        labels: { journey: 'random' },
        ...(isObject(annotations) && { annotations }),
      },
      ...('spec' in object && { spec: completed(kind, obeying(object['spec'])) }),
      ...(isObject(object['status']) &&
        'replicas' in object['status'] && {
          status: { ...object['status'], replicas: replicas(object['status']['replicas']) },
        }),
    };
  });
}
