import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { packageFolders, sbomOfBundle, sbomOfImage } from './sbom.ts';

const came = { bytesInOutput: 7 };
const installed = JSON.parse(await readFile('node_modules/js-yaml/package.json', 'utf8')) as { version: string };
const purl = `pkg:npm/js-yaml@${installed.version}`;

describe('a bill of materials', () => {
  it.each([
    ['a package', 'node_modules/ssh2/lib/client.js', ['node_modules/ssh2']],
    ['a package of a scope', 'node_modules/@nats-io/nuid/lib/mod.js', ['node_modules/@nats-io/nuid']],
    ['the inner of two', 'node_modules/a/node_modules/b/index.js', ['node_modules/a/node_modules/b']],
    ['none for our own files', 'libs/core/src/index.ts', []],
    ['none for what a plugin made up', 'small-undici:undici', []],
  ])('finds %s', (_what, file, expected) => {
    expect(packageFolders({ [file]: came })).toEqual(expected);
  });

  it('leaves out what was looked at and not taken', () => {
    expect(packageFolders({ 'node_modules/zod/index.js': { bytesInOutput: 0 } })).toEqual([]);
  });

  it('names each package once, with the version and licence that are installed', async () => {
    const { components } = await sbomOfBundle('toy', {
      'node_modules/js-yaml/a.js': came,
      'node_modules/js-yaml/b.js': came,
    });
    expect(components).toEqual([
      {
        type: 'library',
        'bom-ref': purl,
        name: 'js-yaml',
        version: installed.version,
        purl,
        licenses: [{ expression: 'MIT' }],
      },
    ]);
  });

  it('of an image is that of its bundle and Node, under its name', async () => {
    const bundle = await sbomOfBundle('toy', { 'node_modules/js-yaml/a.js': came });
    const bill = sbomOfImage(bundle, { repository: 'registry.test/toy', tag: 'v1', node: '24.0.0' });
    expect(bill.metadata.component).toMatchObject({ type: 'container', name: 'registry.test/toy', version: 'v1' });
    expect(bill.components.map((component) => component.purl)).toEqual(['pkg:generic/node@24.0.0', purl]);
  });
});
