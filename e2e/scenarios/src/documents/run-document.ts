import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { repository } from '../system/repository.ts';
import type { CommandLine } from './commands.ts';

/** How a program ended, with all that it printed. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs command lines of one document in one shell, as a reader would; stops at the first that fails. */
export function runLines(lines: readonly CommandLine[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const script = lines.flatMap(({ place, text }) => [`echo ${quoted(`▸ ${place}  ${text}`)}`, text]).join('\n');
  return finished(spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], options(env)));
}

/** Runs a program of a document until it has printed a line, then ends it. */
export async function runProgram(text: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const file = `${repository}/.results/document-${process.pid}.mjs`; // where the packages of the checkout are found
  await mkdir(`${repository}/.results`, { recursive: true });
  await writeFile(file, text);
  const child = spawn(process.execPath, [file], options(env));
  child.stdout.on('data', () => child.kill());
  try {
    return await finished(child);
  } finally {
    await rm(file, { force: true });
  }
}

const options = (env: Readonly<Record<string, string>>) => ({
  cwd: repository,
  env: { ...process.env, NODE_OPTIONS: '', ...env },
  stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
});

function finished(child: ReturnType<typeof spawn>): Promise<Ran> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
