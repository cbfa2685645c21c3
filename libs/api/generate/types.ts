import { storageVersion, TypeWriter, type KindDeclaration, type StructuralSchema } from '@k0smotron/crd';
import { typescriptHeader } from './header.ts';

const fileNameOf = (kind: string): string => kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

/** Core types get a file of their own: they are long, and nobody edits near them. */
const isCoreType = (schema: StructuralSchema): boolean => schema['x-core-type'] !== undefined;

function coreTypesIn(schema: StructuralSchema): Map<string, StructuralSchema> {
  const found = new Map<string, StructuralSchema>();
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  for (const child of children) {
    if (child === undefined) continue;
    if (isCoreType(child)) found.set(child.title ?? '', child);
    else for (const [name, inner] of coreTypesIn(child)) found.set(name, inner);
  }
  return found;
}

const importsOf = (text: string, names: Iterable<string>): string => {
  const used = [...names].filter((name) => new RegExp(`\\b${name}\\b`).test(text)).toSorted();
  return used.map((name) => `import type { ${name} } from './${fileNameOf(name)}.ts';\n`).join('');
};

function kindText({ group, kind, plural, scope, summary, versions }: KindDeclaration): string {
  const { name, spec, status, specRequired } = storageVersion({ kind, versions } as KindDeclaration);
  const specType = spec.title ?? `${kind}Spec`;
  const statusType = status && (status.title ?? `${kind}Status`);
  const lines = [
    `/** ${summary} */`,
    `export interface ${kind} extends KubeObject {`,
    `  readonly spec: ${specType};`,
    ...(statusType ? [`  readonly status?: ${statusType};`] : []),
    '}',
    '',
    `/** Names {@link ${kind}} in the stored version${specRequired ? '' : '; its spec may be empty, never absent'}. */`,
    `export const ${kind}: Kind<${kind}> = {`,
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

function declareKind(writer: TypeWriter, { kind, versions }: KindDeclaration): void {
  const { spec, status } = storageVersion({ kind, versions } as KindDeclaration);
  declareHalf(writer, spec, `${kind}Spec`, `What is wanted of ${aOrAn(kind)}.`);
  if (status) declareHalf(writer, status, `${kind}Status`, `What was seen of ${aOrAn(kind)}.`);
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
  const schemas = declarations.map((declaration) => storageVersion(declaration).spec);
  const core = new Map(schemas.flatMap((schema) => [...coreTypesIn(schema)]));
  const own = [...writer.interfaces].filter(([name]) => !core.has(name)).map(([, text]) => text);
  const kinds = declarations.map(kindText);
  const body = [...own, ...kinds].join('\n');
  const imports = `import type { Condition, Kind, KubeObject } from '@k0smotron/core';\n${importsOf(body, core.keys())}`;
  const files = new Map([['kinds.ts', `${typescriptHeader}${imports}\n${body}`]]);
  for (const name of core.keys())
    files.set(`${fileNameOf(name)}.ts`, `${typescriptHeader}\n${writer.interfaces.get(name) ?? ''}`);
  return files;
}
