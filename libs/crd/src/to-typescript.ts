import { coreTypeSchema, ownFieldsOf } from './core-types.ts';
import type { StructuralSchema } from './structural-schema.ts';

const docComment = (text: string | undefined, indent: string): string =>
  text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n`;

const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`);

/** A core type is what it is wherever it stands: the description is of one field only. */
const aboutType = (name: string, { description, 'x-core-type': core }: StructuralSchema): string | undefined =>
  core === undefined ? description : `${name} of Kubernetes, ${core.slice(0, core.lastIndexOf('.'))}.`;

/** Collects the interfaces that a set of schemas needs, each named once. */
export class TypeWriter {
  readonly #interfaces = new Map<string, string>();
  readonly #external: ReadonlySet<string>;

  /** `external` types are declared elsewhere: they are named, not written. */
  constructor(external: Iterable<string> = []) {
    this.#external = new Set(external);
  }

  /** Writes the interface `name` for an object schema, and those it names in turn. */
  declare(name: string, schema: StructuralSchema): void {
    if (this.#external.has(name)) return;
    const body = this.#members(ownFieldsOf(schema), '');
    const text = `${docComment(aboutType(name, schema), '')}export interface ${name}${this.#base(schema)} {\n${body}}\n`;
    const before = this.#interfaces.get(name);
    if (before !== undefined && stripComments(before) !== stripComments(text)) {
      throw new Error(`two different structures are both named ${name}`);
    }
    if (before === undefined) this.#interfaces.set(name, text);
  }

  /** All interfaces by name, in the order they were first needed. */
  get interfaces(): ReadonlyMap<string, string> {
    return this.#interfaces;
  }

  /** Fields of a core type come with an interface of their own, which is named like the type. */
  #base({ 'x-core-fields': shared }: StructuralSchema): string {
    if (shared === undefined) return '';
    const name = shared.slice(shared.lastIndexOf('.') + 1);
    this.declare(name, { ...coreTypeSchema(shared), 'x-core-type': shared });
    return ` extends ${name}`;
  }

  #members(schema: StructuralSchema, indent: string): string {
    const required = new Set(schema.required);
    const members = Object.entries(schema.properties ?? {}).map(([name, child]) => {
      // A defaulted field is always there once the API server has stored or read the object.
      const sure = required.has(name) || child.default !== undefined;
      const type = this.#type(child, `${indent}  `);
      return `${docComment(child.description, `${indent}  `)}${indent}  readonly ${propertyName(name)}${sure ? '' : '?'}: ${type};\n`;
    });
    return members.join('');
  }

  #type(schema: StructuralSchema, indent: string): string {
    if (schema.title !== undefined) {
      this.declare(schema.title, schema);
      return schema.title;
    }
    if (schema['x-kubernetes-int-or-string']) return 'number | string';
    if (schema.enum)
      return schema.enum.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' | ');
    if (schema.type === 'array') return this.#arrayType(schema.items ?? {}, indent);
    if (schema.type === 'object') return this.#objectType(schema, indent);
    if (schema.type === 'integer' || schema.type === 'number') return 'number';
    return schema.type ?? 'unknown';
  }

  #arrayType(items: StructuralSchema, indent: string): string {
    const type = this.#type(items, indent);
    return /^[\w.]+$/.test(type) ? `readonly ${type}[]` : `readonly (${type})[]`;
  }

  #objectType(schema: StructuralSchema, indent: string): string {
    if (schema.additionalProperties)
      return `Readonly<Record<string, ${this.#type(schema.additionalProperties, indent)}>>`;
    if (!schema.properties) return 'Readonly<Record<string, unknown>>';
    return `{\n${this.#members(schema, indent)}${indent}}`;
  }
}

const stripComments = (text: string): string => text.replaceAll(/^\s*\/\*\*.*\*\/\n/gm, '');
