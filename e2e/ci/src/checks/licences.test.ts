import { describe, expect, it } from '@jest/globals';
import { judgeLicences, type LockedPackage, type Manifest } from './licences.ts';

const folder = 'node_modules/planted';
const judge = (manifest: Manifest | undefined, locked: LockedPackage = {}) =>
  judgeLicences({ '': {}, 'libs/core': {}, [folder]: locked }, () => Promise.resolve(manifest));

describe('licences of production dependencies', () => {
  it.each([
    { license: 'MIT' },
    { license: { type: 'ISC' } },
    { licenses: [{ type: 'MIT' }] },
    { license: '(GPL-3.0-only OR Apache-2.0)' },
    { license: 'MIT AND BSD-3-Clause' },
  ])('may be %j', async (manifest) => {
    expect(await judge(manifest)).toEqual({ checked: 1, problems: [] });
  });

  it.each([
    [{ license: 'GPL-3.0-only' }, 'has the licence GPL-3.0-only, which is not on the list'],
    [{ license: 'MIT AND GPL-2.0-only' }, 'has the licence MIT AND GPL-2.0-only, which is not on the list'],
    [{}, 'names no licence'],
    [undefined, 'is locked but not installed'],
  ])('may not be %j', async (manifest, problem) => {
    expect((await judge(manifest)).problems).toEqual([`${folder} ${problem}`]);
  });

  it('are those of the lockfile where a package is for another platform', async () => {
    expect((await judge(undefined, { optional: true, license: 'MIT' })).problems).toEqual([]);
    expect((await judge(undefined, { optional: true, license: 'AGPL-3.0-only' })).problems).toHaveLength(1);
  });

  it('are not looked at when a package is for development only', async () => {
    expect(await judge({ license: 'GPL-3.0-only' }, { dev: true })).toEqual({ checked: 0, problems: [] });
  });
});
