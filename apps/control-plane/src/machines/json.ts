const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON with keys in order, so that two equal objects give one text. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );

/** True when everything that `wanted` says is so in `live`; lists count as a whole. An empty object asks for nothing. */
export function contains(live: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return sortedJson(live) === sortedJson(wanted);
  if (!isObject(live)) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, value]) => contains(live[key], value));
}
