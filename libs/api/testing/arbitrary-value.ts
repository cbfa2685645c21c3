import type { StructuralSchema } from '@k0smotron/crd';
import fc from 'fast-check';

type Arbitrary = fc.Arbitrary<unknown>;

/** Names that trip code which takes objects for maps. */
const names = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9./-]{0,8}$/),
  fc.constantFrom('__proto__', 'constructor', 'name'),
);

function arbitraryString({ format, pattern, minLength = 0, maxLength = 24 }: StructuralSchema): Arbitrary {
  if (format === 'date-time') return fc.constantFrom('2026-01-02T03:04:05Z', '2027-11-12T13:14:15Z');
  if (pattern !== undefined) return fc.constantFrom('Ready', 'Available', 'Paused', 'InternalError');
  return fc.string({ minLength, maxLength: Math.min(maxLength, 24) });
}

function arbitraryArray(schema: StructuralSchema): Arbitrary {
  const { items = {}, minItems = 0, maxItems = 3 } = schema;
  const keys = schema['x-kubernetes-list-map-keys'];
  const selector = (item: unknown) => JSON.stringify(keys?.map((key) => (item as Record<string, unknown>)[key]));
  const limits = { minLength: minItems, maxLength: Math.min(maxItems, 3) };
  if (keys) return fc.uniqueArray(arbitraryValue(items), { ...limits, selector });
  return schema['x-kubernetes-list-type'] === 'set'
    ? fc.uniqueArray(arbitraryValue(items), limits)
    : fc.array(arbitraryValue(items), limits);
}

function arbitraryObject(schema: StructuralSchema): Arbitrary {
  const { properties, additionalProperties, required = [], minProperties = 0 } = schema;
  if (additionalProperties) return fc.dictionary(names, arbitraryValue(additionalProperties), { maxKeys: 3 });
  if (!properties) return fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  const fields = Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, arbitraryValue(child)]));
  const record = fc.record(fields, { requiredKeys: [...required] });
  return minProperties > 0 ? record.filter((object) => Object.keys(object).length >= minProperties) : record;
}

/** Values that the schema allows. CEL rules are not looked at. */
export function arbitraryValue(schema: StructuralSchema): Arbitrary {
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(fc.nat(), fc.constantFrom('1Gi', '500m'));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum = -3, maximum = 70_000 } = schema;
  switch (schema.type) {
    case 'object':
      return arbitraryObject(schema);
    case 'array':
      return arbitraryArray(schema);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: Math.max(maximum, minimum) });
    default:
      return arbitraryString(schema);
  }
}
