import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@k0smotron/core';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { hosted } from './published/hosted.ts';
import { controlPlanes, infrastructure, workers } from './published/machines.ts';
import { refusedByBoth } from './published/refused-by-both.ts';
import { startSystem, type System } from './system/start-system.ts';

const accepted = [...hosted, ...controlPlanes, ...infrastructure, ...workers];

describe('what k0smotron publishes', () => {
  let system: System;

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem({ withoutCore: true });
  }, 240_000);
  afterAll(() => system?.close());

  /** What kubectl says of all of them, line by line; with strict fields, schema, conversion and admission. */
  async function kubectl(objects: readonly object[], ...args: readonly string[]): Promise<readonly string[]> {
    const file = `${system.lab.dir}/published.json`;
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    const said = await system.controlPlane.kubectl(...args, '-f', file);
    return said.trim().split('\n');
  }

  it('is accepted as it is written', async () => {
    const said = await kubectl(
      accepted.map(({ manifest }) => manifest),
      'apply',
    );
    expect(said.filter((line) => line.endsWith(' created'))).toHaveLength(accepted.length);
  });

  it.each(['v1beta1', 'v1beta2'])('is accepted in %s, as it is read there', async (version) => {
    const places = new Set(
      accepted.map(
        ({ manifest: { apiVersion, kind } }) => `${kind.toLowerCase()}s.${version}.${apiVersion.split('/')[0]}`,
      ),
    );
    const text = await system.controlPlane.kubectl('get', [...places].join(','), '-n', 'default', '-o', 'json');
    const { items } = JSON.parse(text) as { readonly items: readonly (KubeObject & { status?: unknown })[] };
    expect(new Set(items.map(({ apiVersion }) => apiVersion?.split('/')[1]))).toEqual(new Set([version]));
    const asUsersKeepThem = items.map(({ apiVersion, kind, metadata: { name, namespace, annotations }, ...rest }) => ({
      ...rest,
      apiVersion,
      kind,
      metadata: { name, namespace, annotations },
      status: undefined,
    }));
    const said = await kubectl(asUsersKeepThem, 'apply', '--server-side', '--force-conflicts', '--dry-run=server');
    expect(said).toHaveLength(accepted.length);
  });

  it('is refused where its own schemas refuse it', async () => {
    const said = await kubectl(
      refusedByBoth.map(([{ manifest }]) => manifest),
      ...['apply', '--dry-run=server'],
    ).catch(String);
    expect(refusedByBoth.filter(([, reason]) => !said.includes(reason))).toEqual([]);
  });
});
