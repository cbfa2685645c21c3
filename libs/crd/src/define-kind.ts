import type { Field } from './fields.ts';
import { structuralProblems } from './structural-problems.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { toStructural } from './to-structural.ts';

/** A printer column: heading, JSON path, and when they differ from `string` and 0, type and priority. */
export interface Column {
  readonly name: string;
  readonly path: string;
  readonly type?: 'string' | 'integer' | 'boolean' | 'date';
  readonly priority?: number;
  readonly description?: string;
}

/** How one version of a kind is declared. */
export interface VersionInput {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  /** Clients see this text as a warning. */
  readonly deprecationWarning?: string;
  readonly spec: Field;
  readonly status?: Field;
  /** The status subresource; by default there when a status is declared. */
  readonly statusSubresource?: boolean;
  readonly scale?: boolean;
  readonly columns?: readonly Column[];
}

/** How a kind is declared. */
export interface KindInput {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  /** Name in TypeScript, where a foreign kind already has the kind's own. */
  readonly typescriptName?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly labels?: Readonly<Record<string, string>>;
  /** One or two sentences: what an object of this kind is. */
  readonly summary: string;
  readonly versions: readonly VersionInput[];
}

/** One version of a declared kind, with its schemas made structural. */
export interface VersionDeclaration extends Omit<VersionInput, 'spec' | 'status'> {
  readonly served: boolean;
  readonly storage: boolean;
  readonly statusSubresource: boolean;
  readonly spec: StructuralSchema;
  /** Whether an object without spec is refused. */
  readonly specRequired: boolean;
  readonly status?: StructuralSchema;
}

/** A declared kind: CRD, types, defaults and reference pages are made from it. */
export interface KindDeclaration extends Omit<KindInput, 'versions'> {
  readonly scope: 'Namespaced' | 'Cluster';
  readonly versions: readonly VersionDeclaration[];
}

function declareVersion(kind: string, input: VersionInput): VersionDeclaration {
  const spec = toStructural(input.spec, `${kind} ${input.name} spec`);
  const status = input.status && toStructural(input.status, `${kind} ${input.name} status`);
  return {
    ...input,
    served: input.served ?? true,
    storage: input.storage ?? false,
    statusSubresource: input.statusSubresource ?? status !== undefined,
    spec,
    specRequired: spec.default === undefined,
    status,
  };
}

/** Declares a kind. Throws when a schema is not structural, or not exactly one version is stored. */
export function defineKind(input: KindInput): KindDeclaration {
  const versions = input.versions.map((version) => declareVersion(input.kind, version));
  const problems = versions.flatMap(({ name, spec, status }) => [
    ...structuralProblems(spec, `${name}.spec`),
    ...(status ? structuralProblems(status, `${name}.status`) : []),
  ]);
  if (versions.filter(({ storage }) => storage).length !== 1) problems.push('exactly one version must be stored');
  if (problems.length > 0) throw new Error(`${input.kind} is not a valid declaration:\n  ${problems.join('\n  ')}`);
  return { ...input, scope: input.scope ?? 'Namespaced', versions };
}

/** The version that is stored; types and controllers speak this one. */
export function storageVersion({ kind, versions }: KindDeclaration): VersionDeclaration {
  const found = versions.find(({ storage }) => storage);
  if (found === undefined) throw new Error(`${kind} stores no version`);
  return found;
}
