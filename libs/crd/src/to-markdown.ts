import { ownFieldsOf } from './core-types.ts';
import type { KindDeclaration, VersionDeclaration } from './define-kind.ts';
import type { StructuralSchema } from './structural-schema.ts';

interface Row {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

const coreName = (name: string): string => `${name.replace('.', ' ')} of Kubernetes`;

function typeText(schema: StructuralSchema): string {
  if (schema['x-core-type']) return coreName(schema['x-core-type']);
  if (schema['x-core-fields']) return `object, with the fields of ${coreName(schema['x-core-fields'])}`;
  if (schema['x-kubernetes-int-or-string']) return 'quantity';
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === 'object' && schema.additionalProperties) return `map to ${typeText(schema.additionalProperties)}`;
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? 'anything');
}

/** The schema's paths in depth-first order; core types and open objects are one row. */
function rowsOf(schema: StructuralSchema, path: string): Row[] {
  const rows: Row[] = [];
  for (const [name, child] of Object.entries(ownFieldsOf(schema).properties ?? {})) {
    const childPath = `${path}.${name}`;
    rows.push({ path: childPath, schema: child, required: schema.required?.includes(name) ?? false });
    if (child['x-core-type']) continue;
    rows.push(...rowsOf(child, childPath));
    if (child.items && !child.items['x-core-type']) rows.push(...rowsOf(child.items, `${childPath}[]`));
    if (child.additionalProperties) rows.push(...rowsOf(child.additionalProperties, `${childPath}.*`));
  }
  return rows;
}

function limitsOf(schema: StructuralSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, minProperties } = schema;
  const parts = [
    schema.enum && `one of ${schema.enum.map((value) => `\`${String(value)}\``).join(', ')}`,
    minimum !== undefined && `≥ ${minimum}`,
    maximum !== undefined && `≤ ${maximum}`,
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    minItems !== undefined && `at least ${minItems} entries`,
    maxItems !== undefined && `at most ${maxItems} entries`,
    minProperties !== undefined && 'not empty',
  ];
  return parts.filter((part) => typeof part === 'string').join('; ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function toRow({ path, schema, required }: Row): string {
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `Refused otherwise: ${message}`);
  const text = [schema.description ?? schema.items?.description ?? '', ...rules]
    .filter((part) => part !== '')
    .join(' ');
  const cells = [`\`${path}\``, typeText(schema), required ? 'yes' : '', fallback, limitsOf(schema), text];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function toSection(version: VersionDeclaration): string {
  const rules = (version.spec['x-kubernetes-validations'] ?? []).map(
    ({ message }) => `- Refused otherwise: ${message}`,
  );
  const rows = [...rowsOf(version.spec, 'spec'), ...(version.status ? rowsOf(version.status, 'status') : [])];
  const flags = [
    version.storage && 'stored',
    version.deprecationWarning && 'deprecated',
    version.scale && 'with scale',
  ];
  const heading = ['served', ...flags.filter((flag) => typeof flag === 'string')].join(', ');
  return [
    `## ${version.name} (${heading})`,
    ...(rules.length > 0 ? ['', ...rules] : []),
    '',
    '| Field | Type | Required | Default | Limits | Meaning |',
    '|---|---|---|---|---|---|',
    ...rows.map(toRow),
  ].join('\n');
}

/** The reference page of a kind, newest version first. */
export function toMarkdown(declaration: KindDeclaration): string {
  const { kind, group, plural, shortNames = [], summary, versions } = declaration;
  const names = [`\`${plural}.${group}\``, ...shortNames.map((name) => `\`${name}\``)].join(', ');
  const sections = [...versions].toReversed().map(toSection);
  return [
    `# ${kind}`,
    '',
    summary,
    '',
    `Resource: ${names}. ${declaration.scope}.`,
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
}
