import { applyDefaults } from '@k0smotron/crd';
import { declarations } from '../src/declarations/index.ts';

interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The object as the API server would store it: defaults of its schema filled in. For fakes of the API server; objects of
 * kinds that are not ours come back as they are.
 */
export function withDefaults<T extends Typed>(object: T): T {
  const [group, versionName] = object.apiVersion.split('/');
  const declaration = declarations.find(({ kind, group: own }) => kind === object.kind && own === group);
  const version = declaration?.versions.find(({ name }) => name === versionName);
  if (version === undefined) return object;
  const { spec, status } = version;
  const schema = { type: 'object', properties: { spec, ...(status && { status }) } } as const;
  return applyDefaults(schema, object) as T;
}
