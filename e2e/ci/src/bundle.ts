import { basename, join } from 'node:path';
import { build } from 'esbuild';

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
    external: ['cpu-features', '*.node'],
    logLevel: 'warning',
  });
  return warnings.length === 0 ? 0 : 1;
}
