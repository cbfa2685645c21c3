import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes generated files by path, or with `--check` compares and fails the process with a line for each stale one (ER-10). */
export async function writeOrCheck(files: ReadonlyMap<string, string>): Promise<void> {
  const check = process.argv.includes('--check');
  for (const [file, text] of files) {
    if (!check) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
      console.error(`${file} is stale: run npm run generate`);
      process.exitCode = 1;
    }
  }
}
