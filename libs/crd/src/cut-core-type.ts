import type { StructuralSchema } from './structural-schema.ts';

/** A component of the API server's `/openapi/v3` document. */
type OpenApiNode = Readonly<Record<string, unknown>>;
type Components = Readonly<Record<string, OpenApiNode>>;

const refPrefix = '#/components/schemas/';

/** What has no place in a structural schema, or only costs bytes (ER-1). */
const dropped = new Set([
  'description',
  '$ref',
  'allOf',
  'oneOf',
  'x-kubernetes-group-version-kind',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-unions',
  'externalDocs',
  'properties',
  'items',
  'additionalProperties',
  'default',
]);

const quantityPattern =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

const intOrString = { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true } as const;

/** Types whose published form is not structural, as controller-gen writes them too. */
const special: Readonly<Record<string, StructuralSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { ...intOrString, pattern: quantityPattern },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': intOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
    type: 'object',
    properties: {
      annotations: { type: 'object', additionalProperties: { type: 'string' } },
      finalizers: { type: 'array', items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      name: { type: 'string' },
      namespace: { type: 'string' },
    },
  },
};

/** The referenced component's name: references stand alone or, with a default beside them, in `allOf`. */
function referenced(node: OpenApiNode): string | undefined {
  const direct = node['$ref'] ?? (node['allOf'] as readonly OpenApiNode[] | undefined)?.[0]?.['$ref'];
  return typeof direct === 'string' ? direct.slice(refPrefix.length) : undefined;
}

/** Published defaults of objects and of required fields are Go zero values, which the API server's CRD rules refuse or do not need. */
function usefulDefault(node: OpenApiNode, required: boolean): boolean {
  return node['default'] !== undefined && typeof node['default'] !== 'object' && !required;
}

/** The fragment for one component: references followed, descriptions gone, structural. Throws on a recursive type. */
export function cutCoreType(name: string, components: Components, above: readonly string[] = []): StructuralSchema {
  if (special[name]) return special[name];
  if (above.includes(name)) throw new Error(`${name} holds itself: ${above.join(' > ')}`);
  const component = components[name];
  if (component === undefined) throw new Error(`the API server does not publish ${name}`);
  return cutNode(component, components, [...above, name], true);
}

function cutNode(
  node: OpenApiNode,
  components: Components,
  above: readonly string[],
  required: boolean,
): StructuralSchema {
  const own = Object.fromEntries(Object.entries(node).filter(([key]) => !dropped.has(key)));
  const name = referenced(node);
  const base: StructuralSchema = name === undefined ? own : { ...cutCoreType(name, components, above), ...own };
  const properties = node['properties'] as Components | undefined;
  const items = node['items'] as OpenApiNode | undefined;
  const values = node['additionalProperties'] as OpenApiNode | undefined;
  const cut: StructuralSchema = {
    ...base,
    ...(usefulDefault(node, required) && { default: node['default'] }),
    ...(properties && { properties: cutProperties(properties, components, above, base.required ?? []) }),
    ...(items && { items: cutNode(items, components, above, true) }),
    ...(values && { additionalProperties: cutNode(values, components, above, true) }),
  };
  return withListKeysThatExist(cut);
}

const cutProperties = (
  properties: Components,
  components: Components,
  above: readonly string[],
  required: readonly string[],
) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, child]) => [
      name,
      cutNode(child, components, above, required.includes(name)),
    ]),
  );

/** A list key must be required or defaulted; `protocol` of container ports is defaulted in Go only. */
function withListKeysThatExist(node: StructuralSchema): StructuralSchema {
  const keys = node['x-kubernetes-list-map-keys'];
  const { properties, required = [] } = node.items ?? {};
  if (!keys || !properties) return node;
  const loose = keys.filter((key) => !required.includes(key) && properties[key]?.default === undefined);
  if (loose.length === 0) return node;
  const defaulted: Record<string, StructuralSchema> = {};
  for (const key of loose) defaulted[key] = { ...properties[key], default: key === 'protocol' ? 'TCP' : '' };
  return { ...node, items: { ...node.items, properties: { ...properties, ...defaulted } } };
}

/** What a Volume is apart from its name. Go embeds it inline, so that the API server publishes no component of it. */
export function volumeSourceOf({ properties = {} }: StructuralSchema): StructuralSchema {
  const { name: _name, ...sources } = properties;
  return { type: 'object', properties: sources };
}
