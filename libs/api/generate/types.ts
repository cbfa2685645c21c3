import { ownFieldsOf, storageVersion, TypeWriter, type KindDeclaration, type StructuralSchema } from '@k0smotron/crd';
import { typescriptHeader } from './header.ts';

const fileNameOf = (kind: string): string => kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

/** Names of the core types in a schema. They get files of their own: they are long, and nobody edits near them. */
function coreTypesIn(schema: StructuralSchema): string[] {
  const name = (schema['x-core-type'] ?? schema['x-core-fields'])?.split('.').at(-1);
  if (schema['x-core-type'] !== undefined) return name === undefined ? [] : [name];
  const { properties = {}, items, additionalProperties } = ownFieldsOf(schema);
  const children = [...Object.values(properties), items, additionalProperties].filter((child) => child !== undefined);
  return [...(name === undefined ? [] : [name]), ...children.flatMap(coreTypesIn)];
}

const importsOf = (text: string, names: Iterable<string>): string => {
  const used = [...names].filter((name) => new RegExp(`\\b${name}\\b`).test(text)).toSorted();
  return used.map((name) => `import type { ${name} } from './${fileNameOf(name)}.ts';\n`).join('');
};

const nameOf = ({ kind, typescriptName = kind }: KindDeclaration): string => typescriptName;

function kindText(declaration: KindDeclaration): string {
  const { group, kind, plural, scope, summary } = declaration;
  const typeName = nameOf(declaration);
  const { name, spec, status, specRequired } = storageVersion(declaration);
  const specType = spec.title ?? `${typeName}Spec`;
  const statusType = status && (status.title ?? `${typeName}Status`);
  const lines = [
    `/** ${summary} */`,
    `export interface ${typeName} extends KubeObject {`,
    `  readonly spec: ${specType};`,
    ...(statusType ? [`  readonly status?: ${statusType};`] : []),
    '}',
    '',
    `/** Names {@link ${typeName}} in the stored version${specRequired ? '' : '; its spec may be empty, never absent'}. */`,
    `export const ${typeName}: Kind<${typeName}> = {`,
    `  group: '${group}',`,
    `  version: '${name}',`,
    `  kind: '${kind}',`,
    `  plural: '${plural}',`,
    `  namespaced: ${scope === 'Namespaced'},`,
    '};',
    '',
  ];
  return lines.join('\n');
}

function declareKind(writer: TypeWriter, declaration: KindDeclaration): void {
  const { spec, status } = storageVersion(declaration);
  const name = nameOf(declaration);
  declareHalf(writer, spec, `${name}Spec`, `What is wanted of ${aOrAn(name)}.`);
  if (status) declareHalf(writer, status, `${name}Status`, `What was seen of ${aOrAn(name)}.`);
}

/** A name that is not the kind's own stands for the same part of several kinds. */
function declareHalf(writer: TypeWriter, schema: StructuralSchema, usual: string, says: string): void {
  const { title = usual, description = title === usual ? says : 'What several kinds have in common.' } = schema;
  writer.declare(title, { ...schema, description });
}

const aOrAn = (noun: string): string => `${/^[AEIO]/.test(noun) ? 'an' : 'a'} ${noun}`;

/**
 * The TypeScript of all kinds in the stored version, by file name: one file with every interface and Kind constant, and one
 * per embedded core type.
 */
export function renderTypes(declarations: readonly KindDeclaration[]): Map<string, string> {
  const writer = new TypeWriter(['Condition']);
  for (const declaration of declarations) declareKind(writer, declaration);
  const core = new Set(declarations.flatMap((declaration) => coreTypesIn(storageVersion(declaration).spec)));
  const own = [...writer.interfaces].filter(([name]) => !core.has(name)).map(([, text]) => text);
  const kinds = declarations.map(kindText);
  const body = [...own, ...kinds].join('\n');
  const imports = `import type { Condition, Kind, KubeObject } from '@k0smotron/core';\n${importsOf(body, core)}`;
  const files = new Map([['kinds.ts', `${typescriptHeader}${imports}\n${body}`]]);
  for (const name of core)
    files.set(`${fileNameOf(name)}.ts`, `${typescriptHeader}\n${writer.interfaces.get(name) ?? ''}`);
  return files;
}
