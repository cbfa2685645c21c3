import { run } from '../../command.ts';
import { record, standingChanges } from '../../journal.ts';
import type { Lab } from '../../lab.ts';
import { LabError } from '../../lab-error.ts';
import { processMarker } from '../../kill.ts';
import { withLock } from '../../lock.ts';
import { resultOf, type CommandResult } from '../result-of.ts';

/** How the Docker CLI is called. */
export interface Daemon {
  /** The daemon's address, as in DOCKER_HOST. */
  readonly host: string;
  /** On top of our environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A lab's way to a Docker daemon; its environment is the mark by which commands under way end with the lab. */
export interface Engine extends Daemon {
  /** Label, `key=value`, of all that the lab makes there. */
  readonly label: string;
}

/** Label of whatever belongs to labs; images bear it without a lab's folder. */
export const labelKey = 'k0smotron-lab';

/** The daemon that `docker` means here, by context or DOCKER_HOST, when it answers. */
export async function answeringHost(): Promise<string | undefined> {
  try {
    const host = (await run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim();
    await run('docker', ['--host', host, 'version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 });
    return host;
  } catch {
    return undefined;
  }
}

/**
 * The lab's daemon, chosen at the first call and written into the journal before anything is made there (ER-12).
 * @throws LabError with one line when none answers.
 */
export function openEngine(lab: Lab): Promise<Engine> {
  return withLock(`${lab.dir} engine`, async () => {
    if (!entryOf(lab)) {
      const host = await answeringHost();
      if (!host) throw new LabError('machines as containers need a Docker daemon: `docker info` reaches none');
      record(lab.dir, { kind: 'containers', host, label: `${labelKey}=${lab.dir}` });
    }
    const entry = entryOf(lab);
    if (entry?.change.kind !== 'containers') throw new LabError(`lab ${lab.name} is being taken down`);
    const { host, label } = entry.change;
    return { host, label, env: { [processMarker]: entry.id } };
  });
}

const entryOf = (lab: Lab) => standingChanges(lab.dir).find(({ change }) => change.kind === 'containers');

/**
 * Runs a command of the Docker CLI.
 * @throws LabError with the daemon's words.
 */
export async function docker(daemon: Daemon, args: readonly string[], input?: Buffer): Promise<string> {
  const { code, stdout, stderr } = await dockerResult(daemon, args, input);
  if (code !== 0) throw new LabError(`docker ${args.slice(0, 2).join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Runs a command of the Docker CLI whose exit code may be that of a program in a container. */
export function dockerResult({ host, env }: Daemon, args: readonly string[], input?: Buffer): Promise<CommandResult> {
  return resultOf('docker', ['--host', host, ...args], { env, input });
}

/** Removes containers with their volumes, then networks, that bear a label; what is gone already is no error. */
export async function removeLabelled(host: string, label: string): Promise<void> {
  const bearing = async (...list: string[]): Promise<string[]> =>
    (await docker({ host }, [...list, '--quiet', '--filter', `label=${label}`])).split('\n').filter(Boolean);
  const containers = await bearing('ps', '--all');
  if (containers.length > 0) await docker({ host }, ['rm', '--force', '--volumes', ...containers]);
  const networks = await bearing('network', 'ls');
  if (networks.length > 0) await docker({ host }, ['network', 'rm', ...networks]);
}
