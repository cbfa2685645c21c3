import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../src/command.ts';
import { standingChanges } from '../src/journal.ts';
import { madeNetwork } from '../src/machines/network.ts';
import { hostStateDir } from '../src/paths.ts';

/** What to look for after a lab is gone. */
export interface LabMarks {
  readonly dir: string;
  readonly bridge: string;
  /** Where its containers are, when its machines are containers. */
  readonly containers?: { readonly host: string; readonly label: string };
}

/** Marks of a lab that has a network. */
export function marksOf(labDir: string): LabMarks {
  const network = madeNetwork({ dir: labDir });
  if (!network) throw new Error(`the lab in ${labDir} has no network`);
  const change = standingChanges(labDir).find((entry) => entry.change.kind === 'containers')?.change;
  const containers = change?.kind === 'containers' ? { containers: change } : {};
  return { dir: labDir, bridge: network.bridge, ...containers };
}

/** Everything on this host that bears the marks of a lab with machines; empty when it left nothing (ER-12). */
export async function tracesOf({ dir, bridge, containers }: LabMarks): Promise<string[]> {
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
    ...(containers ? await containersOf(containers) : []),
    ...cgroups('/sys/fs/cgroup').filter((path) => path.includes(`k0smotron-lab-${bridge}-`)),
    ...(existsSync(sysctls) && readFileSync(sysctls, 'utf8').includes(dir) ? ['sysctls'] : []),
    ...readdirSync(claims).filter((name) => readFileSync(join(claims, name), 'utf8') === dir),
  ];
}

async function containersOf({ host, label }: { readonly host: string; readonly label: string }): Promise<string[]> {
  const list = (...what: string[]): Promise<string> =>
    run('docker', ['--host', host, ...what, '--filter', `label=${label}`, '--format', `${what[0]} {{.ID}}`]);
  return `${await list('ps', '--all')}${await list('network', 'ls')}`.split('\n').filter(Boolean);
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
