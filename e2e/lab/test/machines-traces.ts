import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../src/command.ts';
import { standingChanges } from '../src/journal.ts';
import { hostStateDir } from '../src/paths.ts';

/** What to look for after a lab is gone. */
export interface LabMarks {
  readonly dir: string;
  readonly bridge: string;
}

/** Marks of a lab that has a network. */
export function marksOf(labDir: string): LabMarks {
  const link = standingChanges(labDir).find(({ change }) => change.kind === 'link')?.change;
  if (link?.kind !== 'link') throw new Error(`the lab in ${labDir} has no bridge`);
  return { dir: labDir, bridge: link.name };
}

/** Everything on this host that bears the marks of a lab with machines; empty when it left nothing (ER-12). */
export async function tracesOf({ dir, bridge }: LabMarks): Promise<string[]> {
  const rules = await run('iptables-save', []);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const claims = join(hostStateDir(), 'claims');
  const sysctls = join(hostStateDir(), 'sysctls.json');
  return [
    ...(existsSync(dir) ? [`folder ${dir}`] : []),
    ...processes().filter((command) => command.includes(dir) || command.includes(`${bridge}-`)),
    ...mounts.filter((line) => line.includes(dir)),
    ...readdirSync('/sys/class/net').filter((name) => name === bridge || name.startsWith(`vb-${bridge}-`)),
    ...rules.split('\n').filter((rule) => rule.includes(` ${bridge} `)),
    ...cgroups('/sys/fs/cgroup').filter((path) => path.includes(`k0smotron-lab-${bridge}-`)),
    ...(existsSync(sysctls) && readFileSync(sysctls, 'utf8').includes(dir) ? ['sysctls'] : []),
    ...readdirSync(claims).filter((name) => readFileSync(join(claims, name), 'utf8') === dir),
  ];
}

function processes(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it ended while we looked
      }
    });
}

function cgroups(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [join(folder, name), ...cgroups(join(folder, name))]);
  } catch {
    return [];
  }
}
