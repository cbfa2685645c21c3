type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON Merge Patch (RFC 7396). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else if (value !== undefined) result[field] = mergePatch(result[field], value);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** JSON Patch (RFC 6902): add, replace, remove, test. Throws when a test fails or a path is not there. */
export function jsonPatch(target: unknown, operations: readonly Operation[]): unknown {
  const root = { '': structuredClone(target) };
  for (const { op, path, value } of operations) {
    const steps = ['', ...path.split('/').slice(1)].map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    let at: unknown = root;
    for (const step of steps) at = (at as Json | undefined)?.[step];
    if (typeof at !== 'object' || at === null) throw new Error(`the path ${path} is not there`);
    edit(at as Json, last, { op, path, value });
  }
  return root[''];
}

function edit(at: Json | unknown[], step: string, { op, path, value }: Operation): void {
  const holder = at as Json;
  if (op !== 'add' && holder[step] === undefined) throw new Error(`the path ${path} is not there`);
  if (op === 'test') {
    if (JSON.stringify(holder[step]) !== JSON.stringify(value)) throw new Error(`testing value ${path} failed`);
  } else if (op === 'remove') {
    if (Array.isArray(at)) at.splice(Number(step), 1);
    else delete holder[step];
  } else if (op === 'add' && Array.isArray(at)) {
    at.splice(step === '-' ? at.length : Number(step), 0, value);
  } else {
    holder[step] = value;
  }
}
