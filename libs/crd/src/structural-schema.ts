/** One CEL rule of a schema node, as the API server reads it. */
export interface CelRule {
  readonly rule: string;
  /** Says what to write instead. */
  readonly message: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** A node of a Kubernetes structural schema: the part of OpenAPI v3 that a CustomResourceDefinition may use. */
export interface StructuralSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly anyOf?: readonly StructuralSchema[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  /** Ours, never in a CRD: the name of a core type that stands here (`batch/v1.JobSpec`). */
  readonly 'x-core-type'?: string;
  /** Ours, never in a CRD: the name of a core type whose fields this object has beside its own. */
  readonly 'x-core-fields'?: string;
}

const keyOrder: readonly (keyof StructuralSchema)[] = [
  'title',
  'description',
  'type',
  'format',
  'enum',
  'default',
  'nullable',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'anyOf',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
  'x-core-type',
  'x-core-fields',
];

/** The same node with its keys in one fixed order, so that generated files do not depend on how a schema was put together. */
export function inKeyOrder(node: StructuralSchema): StructuralSchema {
  const sorted: Record<string, unknown> = {};
  for (const key of keyOrder) if (node[key] !== undefined) sorted[key] = node[key];
  return sorted;
}

/** Rebuilds a schema bottom-up: children first, then the node that holds them. */
export function mapSchema(
  node: StructuralSchema,
  change: (node: StructuralSchema) => StructuralSchema,
): StructuralSchema {
  const { properties, additionalProperties, items } = node;
  return change({
    ...node,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, child]) => [name, mapSchema(child, change)]),
      ),
    }),
    ...(additionalProperties && { additionalProperties: mapSchema(additionalProperties, change) }),
    ...(items && { items: mapSchema(items, change) }),
  });
}
