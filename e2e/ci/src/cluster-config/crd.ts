import { load } from 'js-yaml';

/** Rules that CRDs and JSON Schema write alike. */
export interface Limits {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
}

/** The part of a structural schema that is looked at here, as CRDs write it. */
export interface CrdSchema extends Limits {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly properties?: Readonly<Record<string, CrdSchema>>;
  readonly additionalProperties?: CrdSchema;
  readonly items?: CrdSchema;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/**
 * The schema of `spec` in the CRD of ClusterConfig, which a k0s program carries as text.
 *
 * @throws Error when there is none in these bytes.
 */
export function clusterConfigSpec(program: Buffer): CrdSchema {
  const at = program.indexOf('name: clusterconfigs.k0s.k0sproject.io');
  if (at < 0) throw new Error('this program carries no CRD of ClusterConfig');
  const text = program.subarray(program.lastIndexOf('---\n', at), program.indexOf('\0', at)).toString('utf8');
  const crd = load(text) as {
    spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: CrdSchema } } } }] };
  };
  return crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
}
