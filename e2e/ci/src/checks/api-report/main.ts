/** Writes docs/api/<room>.md from the door of each library; `--check` only compares (ER-10). */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { reportOf } from './report.ts';

const folder = 'docs/api';

function program(doors: readonly string[]): ts.Program {
  const config: unknown = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  return ts.createProgram(doors, options);
}

async function main(): Promise<void> {
  const problems: string[] = [];
  const rooms = (await readdir('libs')).sort();
  const doors = program(rooms.map((room) => `libs/${room}/src/index.ts`));
  const style = (await resolveConfig(resolve(folder, 'room.md'))) ?? {};
  const pages = new Map<string, string>();
  for (const room of rooms) {
    const door = doors.getSourceFile(`libs/${room}/src/index.ts`);
    if (!door) throw new Error(`libs/${room}/src/index.ts was not read`);
    const { markdown, undocumented } = reportOf(room, door, doors.getTypeChecker());
    for (const name of undocumented) problems.push(`${name} of @k0smotron/${room} has no docstring`);
    pages.set(`${room}.md`, await format(markdown, { ...style, parser: 'markdown' }));
  }
  problems.push(...(process.argv.includes('--check') ? await stalePages(pages) : await writePages(pages)));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

async function stalePages(pages: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const name of new Set([...pages.keys(), ...(await present())])) {
    const found = await readFile(`${folder}/${name}`, 'utf8').catch(() => undefined);
    if (found !== pages.get(name)) problems.push(`${folder}/${name} is stale: run npm run generate`);
  }
  return problems;
}

async function writePages(pages: ReadonlyMap<string, string>): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  for (const name of await present()) if (!pages.has(name)) await rm(`${folder}/${name}`);
  for (const [name, text] of pages) await writeFile(`${folder}/${name}`, text);
  return [];
}

const present = (): Promise<readonly string[]> => readdir(folder).catch(() => []);

await main();
