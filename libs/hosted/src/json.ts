/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for objects that are no lists. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value if it is an object, else an empty one. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** What is at a key, as an object. */
export const objectAt = (from: JsonObject, key: string): JsonObject => asObject(from[key]);

/** The texts among a value's items. */
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
