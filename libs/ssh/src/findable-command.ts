import type { Client } from 'ssh2';
import { shellQuote } from './shell-quote.ts';

const mark = 'k0smotron-pid ';

/**
 * The command for a POSIX shell, as root when asked, first telling its process id on stderr. SSH's own signal request does
 * not do: ssh2 1.17 sends none once stdin has ended, and sshd may not signal what sudo started.
 */
export const findableCommand = (command: string, sudo: boolean): string =>
  `${sudo ? 'sudo -n -- ' : ''}sh -c ${shellQuote(`echo "${mark}$$" >&2\n${command}`)}`;

/** Which command to signal; `pid` is unknown when it did not start, or did not say so yet. */
export interface KillRequest {
  readonly pid: string | undefined;
  readonly sudo: boolean;
  readonly signal: string;
}

/**
 * Signals the whole process group of a running command through a second one. Not found is fine: it has ended.
 * `kill -s … -- -pgid` is the one spelling that dash and bash take; busybox complains about `--` but does it.
 */
export function killCommand(
  { client, gone }: { readonly client: Client; readonly gone: () => boolean },
  { pid, sudo, signal }: KillRequest,
): void {
  if (gone() || pid === undefined) return;
  const script = `read -r line </proc/${pid}/stat && set -- \${line##*) } && kill -s ${signal} -- "-$3"`;
  try {
    client.exec(`${sudo ? 'sudo -n -- ' : ''}sh -c ${shellQuote(script)} 2>/dev/null`, (error, killer) => {
      if (!error)
        killer
          .on('error', () => undefined)
          .resume()
          .end();
    });
  } catch {
    // The connection ended meanwhile, and the host ends what it carried.
  }
}

/** Takes the pid line, which comes first but may come in pieces, out of a command's stderr. */
export function pidLine(): { strip(chunk: Buffer): Buffer; rest(): Buffer; value(): string | undefined } {
  const nothing = Buffer.alloc(0);
  let head: Buffer = nothing;
  let passed = false;
  let pid: string | undefined;

  return {
    value: () => pid,
    rest: () => (passed ? nothing : head),
    strip: (chunk) => {
      if (passed) return chunk;
      head = Buffer.concat([head, chunk]);
      const text = head.toString('latin1');
      const at = text.indexOf(mark);
      const end = at < 0 ? -1 : text.indexOf('\n', at);
      if (end >= 0) {
        passed = true;
        pid = /^\d+$/.exec(text.slice(at + mark.length, end).trim())?.[0];
        return Buffer.concat([head.subarray(0, at), head.subarray(end + 1)]);
      }
      // sudo or the login shell may say something first; hold back only what may be the beginning of our line.
      if (head.length < 4_096 && (at >= 0 || endsLikeMark(text))) return nothing;
      const out = head;
      head = nothing;
      return out;
    },
  };
}

function endsLikeMark(text: string): boolean {
  for (let length = Math.min(mark.length, text.length); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return true;
  }
  return false;
}
