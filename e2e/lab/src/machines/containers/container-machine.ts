import { join } from 'node:path';

import { lastLines } from '../../command.ts';
import { LabError, messageOf } from '../../lab-error.ts';
import type { Lab } from '../../lab.ts';
import { removeTree } from '../../undo.ts';
import { waitUntil } from '../../wait-until.ts';
import { fingerprintOf, hostKeyPath, renewHostKeyCommand } from '../host-key.ts';
import type { Machine, MachineSpec } from '../machine.ts';
import type { CommandResult } from '../result-of.ts';
import { machinesDir } from '../machines-dir.ts';
import { addressOf } from '../network.ts';
import type { MachineNetwork } from '../network.ts';
import { sshAnswers } from '../ssh-answers.ts';
import { containerName } from './arguments.ts';
import { describeCommand, parseDescriptions, parseDiff } from './changed-files.ts';
import { docker, dockerResult } from './engine.ts';
import type { Engine } from './engine.ts';

/** Root's environment, and nothing of the container's. */
const asRoot = [
  ...['env', '--ignore-environment', '--chdir=/root', 'HOME=/root', 'LANG=C.UTF-8'],
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];

const powerOffSeconds = 30;
/** Exit code of a container whose init was killed. */
const killed = 137;

interface Parts {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly spec: MachineSpec;
  readonly network: MachineNetwork;
  readonly sshKey: string;
}

/** A machine that is a container; its state is the daemon's, so any process can take it up. */
export class ContainerMachine implements Machine {
  readonly name: string;
  readonly address: string;
  readonly sshKey: string;
  readonly #parts: Parts;
  readonly #container: string;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.spec.name;
    this.address = addressOf(parts.network, parts.spec.index);
    this.sshKey = parts.sshKey;
    this.#container = containerName(parts.network, parts.spec);
  }

  async hostKeyFingerprint(): Promise<string> {
    return fingerprintOf((await this.exec(`cat ${hostKeyPath}`)).stdout);
  }

  async exec(command: string): Promise<CommandResult> {
    return this.#enter(command);
  }

  async listFiles(): Promise<Map<string, string>> {
    const { present, removed } = parseDiff(await this.#docker('diff', this.#container));
    const { stdout } = await this.#enter(describeCommand(), Buffer.from(present.join('\n')));
    const found = [...parseDescriptions(stdout), ...removed.map((path) => [path, 'removed'] as const)];
    return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async renewHostKey(): Promise<void> {
    const { code, stderr } = await this.exec(renewHostKeyCommand);
    if (code !== 0) throw new LabError(`renew the host key of ${this.name}: ${lastLines(stderr)}`);
    await this.#waitForSsh();
  }

  async stop(): Promise<void> {
    await this.#docker('stop', '--time', String(powerOffSeconds), this.#container);
    if (Number(await this.#inspect('{{.State.ExitCode}}')) === killed) {
      throw new LabError(`${this.name} did not power off in ${powerOffSeconds} s`);
    }
  }

  async kill(): Promise<void> {
    if ((await this.#inspect('{{.State.Running}}')) === 'true') await this.#docker('kill', this.#container);
  }

  async start(): Promise<void> {
    await this.#docker('start', this.#container);
    await this.#waitForSsh();
  }

  async reboot(): Promise<void> {
    const booted = await this.#inspect('{{.State.StartedAt}}');
    await this.exec('systemctl reboot'); // cut off by the end of the machine
    const again = async (): Promise<boolean> => {
      const [running, since] = (await this.#inspect('{{.State.Running}}|{{.State.StartedAt}}')).split('|');
      return running === 'true' && since !== booted;
    };
    await waitUntil(again, { what: `${this.name} to boot again` });
    await this.#waitForSsh();
  }

  async remove(): Promise<void> {
    await this.#docker('rm', '--force', '--volumes', this.#container);
    await removeTree(join(machinesDir(this.#parts.lab), String(this.#parts.spec.index)));
  }

  async #enter(command: string, input?: Buffer): Promise<CommandResult> {
    const stdin = input ? ['--interactive'] : [];
    const args = ['exec', ...stdin, this.#container, ...asRoot, 'sh', '-c', command];
    const result = await dockerResult(this.#parts.engine, args, input);
    if (result.code === 0 || !/^Error response from daemon: .*is not running/m.test(result.stderr)) return result;
    throw new LabError(`machine ${this.name} does not run`);
  }

  async #waitForSsh(): Promise<void> {
    const wait = { what: `SSH of ${this.name}`, timeoutMs: 120_000, intervalMs: 100 };
    await waitUntil(() => sshAnswers(this.address), wait).catch(async (cause: unknown) => {
      const output = await this.#docker('logs', '--tail', '8', this.#container).catch(messageOf);
      throw new LabError(`${messageOf(cause)}\n${output}`, { cause });
    });
  }

  async #inspect(format: string): Promise<string> {
    return (await this.#docker('inspect', '--format', format, this.#container)).trim();
  }

  #docker(...args: string[]): Promise<string> {
    return docker(this.#parts.engine, args);
  }
}
