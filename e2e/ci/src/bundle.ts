import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Runs before anything is loaded: on an older Node the libraries would die with a stack (ER-2). */
const versionCheck =
  "if (Number(process.versions.node.split('.')[0]) < 24) { " +
  "console.error('k0smotron needs Node.js 24, this is ' + process.version); process.exit(1); }";

/**
 * Bundles one app to a single CommonJS file, `dist/<app>.cjs`. CommonJS because esbuild's ESM output breaks on the
 * libraries' dynamic requires (libraries.md §3); hence no top-level await in apps (ER-8).
 */
export async function bundle(project: string): Promise<number> {
  const { warnings } = await build({
    entryPoints: [join(project, 'src/main.ts')],
    outfile: join(project, 'dist', `${basename(project)}.cjs`),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'linked',
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: versionCheck },
    // client-node is for OIDC users of a checkout only and costs 50 MB inside a bundle (libs/kube/src/oidc-credentials.ts).
    external: ['cpu-features', '*.node', '@kubernetes/client-node'],
    logLevel: 'warning',
  });
  return warnings.length === 0 ? 0 : 1;
}
