import { fileURLToPath } from 'node:url';

import { resultOf, type CommandResult } from '../result-of.ts';

const script = fileURLToPath(new URL('enter.sh', import.meta.url));

/** Runs a shell command in all namespaces of a process, as root, with root's environment and nothing of ours. */
export function enter(leader: number, command: string): Promise<CommandResult> {
  return resultOf('sh', [script, String(leader), command]);
}
