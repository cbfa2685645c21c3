import { clusterConfigValidator, schemaVersion } from '../generated/cluster-config-validator.ts';
import { toJsonObject, type JsonObject } from '../config.ts';
import { schemaFindings, type SchemaValidator } from './schema-findings.ts';
import { asWarnings, type Finding } from '@k0smotron/core';

let validate: SchemaValidator | undefined;

/**
 * What k0s would not take of a ClusterConfig: it refuses to start with a field that it does not know (`k0s config
 * validate`). Errors for the minor version that our schema is of; of other versions we know less, so there they are
 * warnings.
 *
 * @param field path of the ClusterConfig in its object.
 */
export function clusterConfigFindings(
  config: JsonObject | undefined,
  version: string | undefined,
  field: string,
): Finding[] {
  const spec = config?.spec;
  validate ??= clusterConfigValidator();
  const found = [...headFindings(config ?? {}, field), ...schemaFindings(spec, validate, `${field}.spec`)];
  const known = sameMinor(version, schemaVersion) ? found : asWarnings(found.map(ofVersion));
  return [...known, ...portFindings(toJsonObject(spec), `${field}.spec`)];
}

const ofVersion = (finding: Finding): Finding => ({
  ...finding,
  message: `${finding.message} (as of k0s ${schemaVersion})`,
});

const sameMinor = (version: string | undefined, other: string): boolean => minorOf(version) === minorOf(other);

/** Undefined where there is no version or none that can be read, which other rules tell. */
function minorOf(version: string | undefined): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return minor === undefined ? undefined : `${major}.${minor}`;
}

/** The rest of the object: renderControllerConfig lets the user's win. */
function headFindings({ apiVersion, kind, ...config }: JsonObject, field: string): Finding[] {
  const wrong = (name: string, value: unknown, wanted: string): Finding[] =>
    value === undefined || value === wanted
      ? []
      : [{ field: `${field}.${name}`, message: `is ${JSON.stringify(value)}: write ${wanted}, or leave it out` }];
  const others = Object.keys(config).filter((name) => !['metadata', 'spec', 'status'].includes(name));
  return [
    ...wrong('apiVersion', apiVersion, 'k0s.k0sproject.io/v1beta1'),
    ...wrong('kind', kind, 'ClusterConfig'),
    ...others.map((name) => ({
      field: `${field}.${name}`,
      message: "is no field of k0s's ClusterConfig: settings belong under spec",
    })),
  ];
}

/** Listeners of one controller, with k0s's defaults. */
const listeners = [
  ['api', 'port', 6443],
  ['api', 'k0sApiPort', 9443],
  ['konnectivity', 'adminPort', 8133],
  ['konnectivity', 'agentPort', 8132],
] as const;

/** k0s takes two listeners on one port and fails when it starts them; konnectivity's may be switched off. */
function portFindings(spec: JsonObject, field: string): Finding[] {
  const used = new Map<number, string>();
  return listeners.flatMap(([part, name, standard]) => {
    const written = toJsonObject(spec[part])[name];
    const port = typeof written === 'number' && written !== 0 ? written : standard;
    const before = used.get(port);
    used.set(port, `${part}.${name}`);
    if (before === undefined) return [];
    const message = `is ${port}, as ${before} is: write another port`;
    return [{ field: `${field}.${part}.${name}`, message, ...(part === 'konnectivity' && { warning: true }) }];
  });
}
