import type { CrdSchema } from './crd.ts';

/** One step from `spec` to a value: into an object's field or a list's item, of the schema that stands there. */
interface Step {
  readonly name: string | undefined;
  readonly schema: CrdSchema;
}

const endpoints = ['https://192.0.2.1:2379'];
/** What k0s wants somewhere beyond what its schema says. */
const samples: Readonly<Record<string, unknown>> = {
  ipAddress: '192.0.2.1',
  virtualIPs: ['192.0.2.1/24'],
  externalCluster: { endpoints, etcdPrefix: 'a' },
  endpoints,
};

/** A value that the schema and k0s take. */
export function sampleOf(schema: CrdSchema, name = ''): unknown {
  if (name in samples) return samples[name];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const required = schema.required ?? [];
  const object = () => Object.fromEntries(required.map((field) => [field, sampleOf(childOf(schema, field), field)]));
  const byType = {
    object,
    array: () => [],
    string: () => 'a',
    boolean: () => true,
    integer: () => schema.minimum ?? 1,
  };
  return schema.type === undefined || schema.type === 'number' ? 1 : byType[schema.type]();
}

/** @throws Error when a schema demands a field that it does not describe. */
function childOf({ properties = {} }: CrdSchema, name: string): CrdSchema {
  const child = properties[name];
  if (!child) throw new Error(`there is no field ${name}`);
  return child;
}

/** Where a schema stands in a ClusterConfig. */
export class Place {
  readonly #steps: readonly Step[];

  constructor(steps: readonly Step[] = []) {
    this.#steps = steps;
  }

  /** As `network.calico.mode`; items are `[]`. */
  get path(): string {
    return this.#steps.map(({ name = '[]' }) => name).join('.');
  }

  /** Name of the field, none for items. */
  get name(): string | undefined {
    return this.#steps.at(-1)?.name;
  }

  field(schema: CrdSchema, name: string): Place {
    return new Place([...this.#steps, { name, schema }]);
  }

  item(schema: CrdSchema): Place {
    return new Place([...this.#steps, { name: undefined, schema }]);
  }

  /** The smallest `spec` that has this value here. */
  specWith(value: unknown): unknown {
    return this.#steps.reduceRight<unknown>((inner, { name, schema }, at) => {
      const around = sampleOf(schema, this.#steps[at - 1]?.name);
      return name === undefined ? [inner] : { ...(around as object), [name]: inner };
    }, value);
  }
}
