import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonical, fieldOf, isObject, valueAt, type JsonObject } from '../src/conversion/json.ts';
import { bothVersionKinds } from '../src/declarations/index.ts';
import { startApiServer, type ApiServer } from './api-server.ts';
import { validObjects } from './valid-objects.ts';

const versions = ['v1beta1', 'v1beta2'];
const seed = Math.trunc(Math.random() * 1e6);
const perVersion = 5;
const written = bothVersionKinds.flatMap((declaration) =>
  versions.flatMap((version) => validObjects(declaration, version, perVersion, seed)),
);

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
  await kubectl('create', '--validate=strict', '-f', list('written', written));
});
afterAll(() => server.close());

const kubectl = (...args: string[]) => server.controlPlane.kubectl(...args);
const list = (name: string, items: readonly unknown[]) =>
  server.file(`${name}.json`, { apiVersion: 'v1', kind: 'List', items });
const nameOf = (object: JsonObject) => String(valueAt(object, ['metadata', 'name']));

/** All objects, as a client of one version reads them, by name. */
async function read(version: string): Promise<ReadonlyMap<string, JsonObject>> {
  const resources = bothVersionKinds.map(({ plural, group }) => `${plural}.${version}.${group}`).join(',');
  const { items } = JSON.parse(await kubectl('get', resources, '-l', 'journey=random', '-o', 'json')) as {
    items: JsonObject[];
  };
  return new Map(items.map((object) => [nameOf(object), object]));
}

const revisions = async () =>
  [...(await read('v1beta2')).values()].map(
    (object) => `${nameOf(object)} ${String(valueAt(object, ['metadata', 'resourceVersion']))}`,
  );

/** Where `found` does not say what was written; defaults may have come. */
function lost(wanted: unknown, found: unknown, path: string): string[] {
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length)
    return wanted.flatMap((value, at) => lost(value, found[at], `${path}[${at}]`));
  if (isObject(wanted) && isObject(found))
    return Object.keys(wanted).flatMap((name) => lost(fieldOf(wanted, name), fieldOf(found, name), `${path}.${name}`));
  return canonical(wanted) === canonical(found) ? [] : [`${path}: ${canonical(wanted)} became ${canonical(found)}`];
}

async function lostOf(part: 'spec' | 'status'): Promise<string[]> {
  const found = new Map(await Promise.all(versions.map(async (version) => [version, await read(version)] as const)));
  return written.flatMap((object) => {
    const [name, version = ''] = [nameOf(object), String(object['apiVersion']).split('/')[1]];
    return lost(object[part] ?? {}, found.get(version)?.get(name)?.[part] ?? {}, `${name} ${part}`);
  });
}

describe.each([
  ['spec', []],
  ['status', ['--subresource=status']],
] as const)('%s of random objects', (part, options) => {
  if (part === 'status') {
    beforeAll(async () => {
      const withStatus = written.filter((object) => object['status'] !== undefined);
      await kubectl('replace', ...options, '-f', list('status', withStatus));
    });
  }

  it('is read as it was written, in the version that it was written in', async () => {
    expect(await lostOf(part)).toEqual([]);
  });

  it.each(versions)('is not changed by a client of %s that writes back what it read', async (version) => {
    const before = await revisions();
    const objects = [...(await read(version)).values()].filter(
      (object) => part === 'spec' || object['status'] !== undefined,
    );
    await kubectl('replace', ...options, '-f', list('back', objects));
    expect(await revisions()).toEqual(before);
    expect(await lostOf(part)).toEqual([]);
  });
});
