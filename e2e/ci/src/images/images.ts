import { parseArgs } from 'node:util';
import { defaultImages } from '../packaging/provider.ts';
import { buildImages } from './build.ts';

const help = `npm run images -- [<service> …] [--to <folder>] [--tag <tag>] [--images <registry/path>] [--base <image>]

Builds the images of all services, or of those named, with buildah (root): OCI archives, each with its bill of materials.
  --to       folder for them; .images unless given
  --tag      dev unless given; that of a release is its version, for example v2.2.0
  --images   where the images will be; ${defaultImages} unless given
  --base     base image with Node 24; distroless unless given, 'local' makes one from this host without any registry
`;

/** `npm run images`. */
export async function images(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { to: text, tag: text, images: text, base: text, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const { help: asked, ...given } = values;
  if (asked) return (console.log(help), 0);
  for (const { name, archive, compressedBytes } of await buildImages({
    to: '.images',
    tag: 'dev',
    apps: positionals,
    ...given,
  })) {
    console.log(`✓ ${name}, ${(compressedBytes / 1e6).toFixed(1)} MB compressed: ${archive}`);
  }
  return 0;
}
