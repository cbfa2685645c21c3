import { readdirSync, readFileSync } from 'node:fs';

import { run } from '../src/command.ts';
import { processMarker } from '../src/kill.ts';
import { hostStateDir } from '../src/paths.ts';
import { environmentOf, runningProcesses } from '../src/process-identity.ts';
import { readSysctl } from '../src/sysctl.ts';

/** What a lab can change on its host, to be compared before and after (ER-12). */
export interface HostPicture {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly rules: readonly string[];
  readonly sysctls: readonly string[];
  readonly claims: readonly string[];
}

/** Looks at everything of this host that belongs to one lab, found by the lab's folder and its own small marks. */
export async function pictureOf(labDir: string): Promise<HostPicture> {
  const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);
  const claims = readdirSync(hostStateDir()).includes('claims') ? readdirSync(`${hostStateDir()}/claims`) : [];
  return {
    processes: runningProcesses()
      .filter(({ pid }) => environmentOf(pid, processMarker) !== undefined)
      .map(({ pid }) => commandOf(pid))
      .filter((command) => command.includes(labDir)),
    mounts: linesOf(readFileSync('/proc/self/mountinfo', 'utf8')).filter((line) => line.includes(labDir)),
    links: readdirSync('/sys/class/net').filter((name) => name.startsWith('labtest')),
    // The machines' bridges of other labs may come and go meanwhile.
    rules: linesOf(await run('iptables', ['-w', '-S', 'FORWARD']).catch(() => '')).filter(
      (rule) => !rule.includes('k0slab'),
    ),
    sysctls: [`net.ipv4.conf.lo.log_martians=${readSysctl('net.ipv4.conf.lo.log_martians')}`],
    claims: claims.filter((name) => readFileSync(`${hostStateDir()}/claims/${name}`, 'utf8') === labDir),
  };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
