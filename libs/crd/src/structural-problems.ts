import type { StructuralSchema } from './structural-schema.ts';

type Check = (node: StructuralSchema, path: string) => string | undefined;

const isIntOrString = (node: StructuralSchema): boolean => node['x-kubernetes-int-or-string'] === true;

const typed: Check = (node) => {
  const free = isIntOrString(node) || node['x-kubernetes-preserve-unknown-fields'];
  return node.type === undefined && !free ? 'has no type' : undefined;
};

const forbidden = new Set([
  '$ref',
  'oneOf',
  'allOf',
  'not',
  'const',
  'patternProperties',
  'definitions',
  'id',
  'exclusiveMinimum',
  'exclusiveMaximum',
]);
const noForbiddenKeyword: Check = (node) => {
  const found = Object.keys(node).find((key) => forbidden.has(key));
  return found && `${found} is not structural`;
};

const anyOfOnlyForIntOrString: Check = (node) =>
  node.anyOf && !isIntOrString(node) ? 'anyOf is only for int-or-string' : undefined;

const openOrClosed: Check = (node) =>
  node.properties && node.additionalProperties ? 'has both properties and additionalProperties' : undefined;

const arrayHasItems: Check = (node) => (node.type === 'array' && !node.items ? 'array without items' : undefined);

const requiredExists: Check = (node) => {
  const missing = node.required?.find((name) => !node.properties?.[name]);
  return missing && `requires ${missing}, which it does not declare`;
};

const listKeysExist: Check = (node) => {
  if (node['x-kubernetes-list-type'] !== 'map') return undefined;
  const { properties = {}, required = [] } = node.items ?? {};
  const bad = node['x-kubernetes-list-map-keys']?.find(
    (key) => !properties[key] || !(required.includes(key) || properties[key].default !== undefined),
  );
  return bad && `list key ${bad} must be a required or defaulted field of the items`;
};

const defaultFits: Check = (node) => {
  if (node.default === undefined) return undefined;
  if (node.enum && !node.enum.includes(node.default)) return 'default is not in enum';
  const actual = Array.isArray(node.default) ? 'array' : typeof node.default;
  const wanted = node.type === 'integer' ? 'number' : node.type;
  return wanted && actual !== wanted ? `default is ${actual}, not ${wanted}` : undefined;
};

const defaultNotRequired: Check = (node) => {
  const both = node.required?.find((name) => node.properties?.[name]?.default !== undefined);
  return both && `${both} is required and has a default`;
};

const rulesHaveMessages: Check = (node) =>
  node['x-kubernetes-validations']?.some(({ message }) => message.trim() === '')
    ? 'a CEL rule has no message'
    : undefined;

const checks: readonly Check[] = [
  typed,
  noForbiddenKeyword,
  anyOfOnlyForIntOrString,
  openOrClosed,
  arrayHasItems,
  requiredExists,
  listKeysExist,
  defaultFits,
  defaultNotRequired,
  rulesHaveMessages,
];

/** Why the API server would refuse this schema, one line per problem; empty when it is structural. */
export function structuralProblems(node: StructuralSchema, path = 'schema'): string[] {
  const here = checks.flatMap((check) => {
    const problem = check(node, path);
    return problem ? [`${path}: ${problem}`] : [];
  });
  const children: [string, StructuralSchema][] = Object.entries(node.properties ?? {});
  if (node.items) children.push(['[]', node.items]);
  if (node.additionalProperties) children.push(['*', node.additionalProperties]);
  return [...here, ...children.flatMap(([name, child]) => structuralProblems(child, `${path}.${name}`))];
}
