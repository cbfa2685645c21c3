import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';
import { sbomOfBundle } from './images/sbom.ts';
import { withLazyImports } from './lazy-imports.ts';
import { smallUndici } from './small-undici.ts';

/**
 * Runs before anything is loaded. On an older Node the libraries would die with a stack (ER-2). V8 reads this flag whenever
 * it decides how far its heap may grow before it collects: 10 to 20 MB less in each service (ER-5).
 */
const banner =
  "if (Number(process.versions.node.split('.')[0]) < 24) { " +
  "console.error('k0smotron needs Node.js 24, this is ' + process.version); process.exit(1); } " +
  "require('node:v8').setFlagsFromString('--optimize-for-size');";

/** Not in bundles. */
const external = [
  'cpu-features',
  '*.node',
  // For OIDC users of a checkout only, 50 MB inside a bundle (libs/kube/src/oidc-credentials.ts).
  '@kubernetes/client-node',
  // fastify asks for these only when it is given no compilers of our own (libs/runtime/src/webhook).
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];

/**
 * Bundles one app to a single CommonJS file, `dist/<app>.cjs`. CommonJS because esbuild's ESM output breaks on the
 * libraries' dynamic requires (libraries.md §3); hence no top-level await in apps (ER-8). Node keeps the text in memory, so
 * it is made small: libraries only as far as they are used, no white space, and ASCII, since one other character makes V8
 * keep two bytes for each. Names stay, for stacks. `dist/<app>.cdx.json` says which libraries are in it.
 */
export async function bundle(project: string, dir = join(project, 'dist')): Promise<number> {
  const app = basename(project);
  const outfile = join(project, 'dist', `${app}.cjs`); // wherever it is written: paths in the map begin there
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [join(project, 'src/main.ts')],
    outfile,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'inline',
    legalComments: 'none',
    banner: { js: banner },
    external,
    plugins: [smallUndici],
    logLevel: 'warning',
  });
  const lazy = withLazyImports(outputFiles[0]?.text ?? '', new Set(Object.keys(metafile.inputs)));
  const { code, map } = await transform(lazy, {
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160, // so that the lines of a stack still say something
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: true,
    sourcefile: basename(outfile),
  });
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, `${app}.cjs.map`), map);
  await writeFile(join(dir, `${app}.cjs`), `${inAscii(code)}//# sourceMappingURL=${basename(outfile)}.map\n`);
  const inputs = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint)?.inputs ?? {};
  await writeFile(join(dir, `${app}.cdx.json`), `${JSON.stringify(await sbomOfBundle(app, inputs), null, 2)}\n`);
  return warnings.length === 0 ? 0 : 1;
}

/** After minification other characters are left in literals only, where the escape means the same. */
const inAscii = (code: string): string =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
