/** Writes docs/reference/flags.md from each service's `--help`; `--check` only compares (ER-10). */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { flagsPage } from './flags-page.ts';

const file = 'docs/reference/flags.md';
const services = ['infrastructure', 'bootstrap', 'control-plane', 'etcd-snapshot'];

/** From the sources, so that no bundle has to be fresh. */
async function helpOf(service: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', `apps/${service}/src/main.ts`, '--help'];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

async function main(): Promise<void> {
  const helps = await Promise.all(services.map(async (name) => [name, await helpOf(name)] as const));
  const text = flagsPage(new Map(helps));
  if (!process.argv.includes('--check')) return writeFile(file, text);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  console.error(`${file} is stale: run npm run generate`);
  process.exitCode = 1;
}

await main();
