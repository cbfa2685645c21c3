import { shellQuote } from '../shell-quote.ts';
import { commandScript } from './command-script.ts';
import type { HostJobPurpose, StepSource } from './host-step.ts';
import { runnerScript } from './runner-script.ts';

/** Longest text given to `printf`; more goes through a here-document. */
const longestWord = 32_768;

/**
 * A script that unpacks itself into `$1/incoming-<hash>`, so that it needs neither tar nor an archive format. Text is written
 * by the shell itself; only bytes and what is long need a process.
 */
export function payload(steps: readonly StepSource[], planHash: string, purpose: HostJobPurpose): Buffer {
  const parts = steps.flatMap(({ settings, data }, at) => {
    const id = String(at + 1).padStart(4, '0');
    return [
      write(`steps/${id}.step`, Buffer.from(`${settings}\n`)),
      ...(data ? [write(`steps/${id}.data`, data)] : []),
    ];
  });
  const script = [
    `umask 077\nn=$1/incoming-${planHash}\n[ ! -e "$n" ] || rm -rf "$n"\nmkdir -p "$n/steps" || exit 1\n`,
    write('runner.sh', Buffer.from(runnerScript)),
    write('command.sh', Buffer.from(commandScript)),
    write('plan', Buffer.from(`${planHash} ${steps.length} ${purpose}\n`)),
    ...parts,
    `: >"$n/complete" && echo "k0sm1 uploaded ${planHash}"\n`,
  ];
  return Buffer.from(script.join(''), 'utf8');
}

function write(target: string, data: Buffer): string {
  const text = data.toString('latin1');
  // Plain ASCII only: what shells do with other bytes in a script differs.
  if (/^[\t\n\x20-\x7e]*$/.test(text) && text.length <= longestWord) {
    return `printf %s ${shellQuote(text)} >"$n/${target}" || exit 1\n`;
  }
  const mark = 'K0SMOTRON_END';
  const lines = data.toString('base64').replaceAll(/.{76}(?=.)/g, '$&\n');
  return `base64 -d >"$n/${target}" <<'${mark}' || exit 1\n${lines}\n${mark}\n`;
}
