/** Writes docs/reference/flags.md from each service's `--help`; `--check` only compares (ER-10). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { flagsPage } from './flags-page.ts';
import { writeOrCheck } from './generated-files.ts';

const file = 'docs/reference/flags.md';
const services = ['infrastructure', 'bootstrap', 'control-plane', 'etcd-snapshot'];

/** From the sources, so that no bundle has to be fresh. */
async function helpOf(service: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', `apps/${service}/src/main.ts`, '--help'];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

const helps = await Promise.all(services.map(async (name) => [name, await helpOf(name)] as const));
await writeOrCheck(new Map([[file, flagsPage(new Map(helps))]]));
