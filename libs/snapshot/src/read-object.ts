import { SnapshotDamagedError } from './damaged.ts';

/** One field: `count` is an integer from 0 on, `digest` a SHA-256 in hexadecimal; `?` may be missing. */
type Leaf = 'text' | 'text?' | 'count' | 'integer' | 'flag' | 'digest';
type Field = Leaf | Shape | readonly [Shape] | { readonly optional: Shape };

/** What an object looks like. A field called `optional` alone is an object that may be missing. */
export interface Shape {
  readonly [field: string]: Field;
}

/** The type that a shape describes. */
export type Shaped<S extends Shape> = {
  readonly [F in keyof S as S[F] extends 'text?' | { optional: Shape } ? never : F]: ValueOf<S[F]>;
} & { readonly [F in keyof S as S[F] extends 'text?' | { optional: Shape } ? F : never]?: ValueOf<S[F]> };

type ValueOf<F> = F extends 'text' | 'text?' | 'digest'
  ? string
  : F extends 'count' | 'integer'
    ? number
    : F extends 'flag'
      ? boolean
      : F extends readonly [infer S extends Shape]
        ? readonly Shaped<S>[]
        : F extends { readonly optional: infer S extends Shape }
          ? Shaped<S>
          : F extends Shape
            ? Shaped<F>
            : never;

/** Reads an object of a shape; what the shape does not name is left out. @throws SnapshotDamagedError naming the field */
export function readObject<S extends Shape>(shape: S, value: unknown, path: string): Shaped<S> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object');
  const given = value as Readonly<Record<string, unknown>>;
  const fields = Object.entries(shape).flatMap(([name, field]) => {
    const read = readField(field, given[name], `${path}.${name}`);
    return read === undefined ? [] : [[name, read]];
  });
  return Object.fromEntries(fields) as Shaped<S>;
}

function readField(field: Field, value: unknown, path: string): unknown {
  if (typeof field === 'string') return readLeaf(field, value, path);
  if (Array.isArray(field)) {
    const [shape] = field as readonly [Shape];
    if (!Array.isArray(value)) throw wrong(path, 'a list');
    return value.map((item, at) => readObject(shape, item, `${path}[${at}]`));
  }
  const { optional } = field as { readonly optional?: Shape };
  if (optional === undefined) return readObject(field as Shape, value, path);
  return value === undefined ? undefined : readObject(optional, value, path);
}

function readLeaf(leaf: Leaf, value: unknown, path: string): unknown {
  if (leaf === 'text?' && value === undefined) return undefined;
  const fits = {
    text: typeof value === 'string',
    'text?': typeof value === 'string',
    digest: typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
    count: Number.isSafeInteger(value) && (value as number) >= 0,
    integer: Number.isSafeInteger(value),
    flag: typeof value === 'boolean',
  }[leaf];
  if (!fits) throw wrong(path, leaf);
  return value;
}

const wrong = (path: string, wanted: string): SnapshotDamagedError =>
  new SnapshotDamagedError(`${path} is not ${wanted}`);
