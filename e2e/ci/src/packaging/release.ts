import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dump } from 'js-yaml';
import { kustomize } from './overlays.ts';
import { clusterctlConfig, metadataOf, versionOf, type Version } from './repository.ts';
import { componentsFile, defaultImages, imageOf, labelOf, providers, type Provider } from './provider.ts';

const help = `npm run release -- <version> [--to <folder>] [--images <registry/path>]

Writes a clusterctl repository: a folder per provider and version, with its components, metadata and cluster templates.
  <version>   semantic version with a leading v, for example v2.2.0
  --to        the repository's folder; .release unless given. Versions that are there stay.
  --images    where the images are; ${defaultImages} unless given
`;

/**
 * `npm run release`: renders the packages with kustomize, and prints the clusterctl.yaml that makes the three names of the
 * original mean us (SR-17).
 */
export async function release(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { to: { type: 'string' }, images: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) return (console.log(help), 0);
  const version = versionOf(positionals[0]);
  const to = resolve(values.to ?? '.release');
  for (const provider of providers) {
    await writePackage(provider, { version, to, images: values.images ?? defaultImages });
    console.log(`✓ ${labelOf(provider)} ${version.text}`);
  }
  const config = join(to, 'clusterctl.yaml');
  await writeFile(config, dump(clusterctlConfig(to, version), { lineWidth: -1 }));
  console.log(`\nclusterctl init --config ${config} --bootstrap k0sproject-k0smotron \\`);
  console.log(
    '  --control-plane k0sproject-k0smotron --infrastructure k0sproject-k0smotron --addon k0sproject-k0smotron',
  );
  return 0;
}

interface Target {
  readonly version: Version;
  readonly to: string;
  readonly images: string;
}

async function writePackage(provider: Provider, { version, to, images }: Target): Promise<void> {
  const folder = join(to, labelOf(provider), version.text);
  await mkdir(folder, { recursive: true });
  const rendered = await kustomize(`deploy/providers/${provider.service}`);
  const inDevelopment = imageOf(provider, { images: defaultImages, tag: 'dev' });
  const released = imageOf(provider, { images, tag: version.text });
  await writeFile(join(folder, componentsFile(provider)), rendered.replaceAll(inDevelopment, released));
  await writeFile(join(folder, 'metadata.yaml'), dump(metadataOf(version)));
  if (provider.service !== 'infrastructure') return;
  const templates = await readdir('deploy/templates');
  for (const name of templates) await cp(join('deploy/templates', name), join(folder, name));
}
