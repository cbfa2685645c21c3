import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { lastLines } from '../../command.ts';
import { standingChanges } from '../../journal.ts';
import type { JournalEntry } from '../../journal.ts';
import { LabError } from '../../lab-error.ts';
import type { Lab } from '../../lab.ts';
import { isAlive } from '../../process-identity.ts';
import type { ProcessIdentity } from '../../process-identity.ts';
import { logPathOf, startProcess } from '../../start-process.ts';
import { removeTree, undo } from '../../undo.ts';
import { waitUntil } from '../../wait-until.ts';
import { fingerprintOf, hostKeyPath, renewHostKeyCommand } from '../host-key.ts';
import { listTree } from '../list-files.ts';
import type { Machine, MachineSpec } from '../machine.ts';
import type { CommandResult } from '../result-of.ts';
import { addressOf } from '../network.ts';
import type { MachineNetwork } from '../network.ts';
import { sshAnswers } from '../ssh-answers.ts';
import { enter } from './enter.ts';
import { findLeader } from './leader.ts';

const script = fileURLToPath(new URL('run-machine.sh', import.meta.url));

/** systemd's own signals to PID 1; Node knows real-time signals by number alone. */
const powerOff = 34 + 4;
const reboot = 34 + 5;

/** In memory, so not in the machine's own layer. */
const inMemory = ['/run', '/tmp', '/dev/shm'];

interface Parts {
  readonly lab: Lab;
  readonly spec: MachineSpec;
  readonly network: MachineNetwork;
  /** Top layer first. */
  readonly layers: readonly string[];
  readonly sshKey: string;
  readonly folder: string;
}

/** A machine that run-machine.sh runs; its state is in the lab's journal and folder, so any process can take it up. */
export class NspawnMachine implements Machine {
  readonly name: string;
  readonly address: string;
  readonly sshKey: string;
  readonly #parts: Parts;
  #leader: ProcessIdentity | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.spec.name;
    this.address = addressOf(parts.network, parts.spec.index);
    this.sshKey = parts.sshKey;
  }

  async hostKeyFingerprint(): Promise<string> {
    return fingerprintOf(await readFile(join(this.#parts.folder, 'upper', hostKeyPath), 'utf8'));
  }

  async exec(command: string): Promise<CommandResult> {
    return enter(this.#requireLeader().pid, command);
  }

  async listFiles(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    await listTree(join(this.#parts.folder, 'upper'), '', found);
    await listTree(join(this.#parts.folder, 'state'), '/var/lib/k0s', found);
    const leader = this.#findLeader();
    for (const path of leader ? inMemory : []) await listTree(`/proc/${leader?.pid}/root${path}`, path, found);
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async renewHostKey(): Promise<void> {
    const { code, stderr } = await this.exec(renewHostKeyCommand);
    if (code !== 0) throw new LabError(`renew the host key of ${this.name}: ${lastLines(stderr)}`);
    await this.#waitForSsh();
  }

  async stop(): Promise<void> {
    const leader = this.#findLeader();
    if (leader) process.kill(leader.pid, powerOff);
    const ended = (): boolean => this.#process() === undefined;
    await waitUntil(ended, { what: `${this.name} to power off`, timeoutMs: 30_000 });
    await this.kill(); // takes the ended process out of the journal
  }

  async kill(): Promise<void> {
    // SIGKILL to the machine's init first: nothing in it gets the chance to write.
    const leader = this.#findLeader();
    if (leader) process.kill(leader.pid, 'SIGKILL');
    for (const entry of this.#entries()) await undo(this.#parts.lab.dir, entry);
    this.#leader = undefined;
  }

  async start(): Promise<void> {
    if (this.#process()) return;
    const { lab, spec, network, folder, layers } = this.#parts;
    await startProcess(lab, {
      name: this.#processName(),
      command: 'sh',
      args: [script],
      env: {
        LAB_MACHINE: `${network.bridge}-${spec.index}`,
        LAB_HOST_NAME: spec.name,
        LAB_LAYERS: layers.join(':'),
        LAB_FOLDER: folder,
        LAB_BRIDGE: network.bridge,
      },
    });
    await this.#waitForSsh();
  }

  async reboot(): Promise<void> {
    const leader = this.#requireLeader();
    process.kill(leader.pid, reboot);
    await waitUntil(() => !isAlive(leader), { what: `${this.name} to go down`, timeoutMs: 60_000 });
    await this.#waitForSsh();
  }

  async remove(): Promise<void> {
    await this.kill();
    await removeTree(this.#parts.folder);
  }

  async #waitForSsh(): Promise<void> {
    const answers = async (): Promise<boolean> => {
      if (await sshAnswers(this.address)) return true;
      if (!this.#process()) throw new LabError(`${this.name} ended while booting:\n${this.#lastOutput()}`);
      return false;
    };
    // Ordinarily two seconds; forty at once on two busy cores take their time.
    await waitUntil(answers, { what: `SSH of ${this.name}`, timeoutMs: 120_000, intervalMs: 100 });
  }

  #lastOutput(): string {
    return lastLines(readFileSync(logPathOf(this.#parts.lab, this.#processName()), 'utf8'));
  }

  #processName(): string {
    return `machine-${this.name}`;
  }

  #entries(): JournalEntry[] {
    const isOurs = ({ change }: JournalEntry): boolean =>
      change.kind === 'process' && change.name === this.#processName();
    return standingChanges(this.#parts.lab.dir).filter(isOurs);
  }

  /** run-machine.sh of this machine, while it runs. */
  #process(): ProcessIdentity | undefined {
    return this.#entries().find(({ identity }) => identity && isAlive(identity))?.identity;
  }

  #findLeader(): ProcessIdentity | undefined {
    if (this.#leader && isAlive(this.#leader)) return this.#leader;
    const root = this.#process();
    this.#leader = root && findLeader(root.pid);
    return this.#leader;
  }

  #requireLeader(): ProcessIdentity {
    const leader = this.#findLeader();
    if (!leader) throw new LabError(`machine ${this.name} does not run`);
    return leader;
  }
}
