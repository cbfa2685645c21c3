import { asObject, isObject } from './json.ts';

/**
 * By which field the items of a list are told apart, for the lists of the kinds that we generate; from the field tags of
 * Kubernetes' API types (v1.34). All other lists are replaced.
 */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  resourceClaims: ['name'],
  hostAliases: ['ip'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  topologySpreadConstraints: ['topologyKey'],
  // Of a container, or of a Service.
  ports: ['containerPort', 'port'],
  ownerReferences: ['uid'],
};

/**
 * A strategic merge patch: like a merge patch, but lists whose items have a name are merged item by item, and `$patch:
 * delete` or `$patch: replace` says otherwise.
 *
 * @throws Error on other directives, which would be lost silently
 */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const { $patch: directive, ...changes } = patch;
  if (directive === 'replace') return changes;
  if (directive !== undefined) throw new Error(`$patch: ${JSON.stringify(directive)} is not known here`);
  const merged = new Map(Object.entries(asObject(target)));
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith('$')) throw new Error(`the directive ${key} is not known here: use a patch of type json`);
    if (value === null) merged.delete(key);
    else merged.set(key, mergeAt(key, merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function mergeAt(key: string, present: unknown, change: unknown): unknown {
  if (!Array.isArray(change)) return strategicPatch(present, change);
  const items = change as readonly unknown[];
  const mergeKey = mergeKeys[key]?.find((field) => items.some((item) => asObject(item)[field] !== undefined));
  if (mergeKey === undefined || items.some((item) => asObject(item).$patch === 'replace')) {
    return items.filter((item) => asObject(item).$patch !== 'replace');
  }
  return items.reduce<unknown[]>((list, item) => mergeItem(list, asObject(item), mergeKey), listOf(present));
}

function mergeItem(list: readonly unknown[], change: Readonly<Record<string, unknown>>, mergeKey: string): unknown[] {
  const at = list.findIndex((item) => asObject(item)[mergeKey] === change[mergeKey]);
  if (change.$patch === 'delete') return list.filter((_, index) => index !== at);
  const merged = strategicPatch(list[at], change);
  return at < 0 ? [...list, merged] : list.with(at, merged);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
