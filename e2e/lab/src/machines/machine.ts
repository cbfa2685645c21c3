import type { Lab } from '../lab.ts';
import type { MachineKind, MachineNetwork } from './network.ts';
import type { CommandResult } from './result-of.ts';

/** A host of the lab: its own systemd, network address and sshd, as the product would find it. */
export interface Machine {
  /** Its host name; unique in its lab. */
  readonly name: string;
  /** IPv4 address on the lab's bridge; sshd listens on port 22. */
  readonly address: string;
  /** Private key (OpenSSH PEM) that root, `remoteuser` (sudo without password) and `nosudo` accept. */
  readonly sshKey: string;
  /** `SHA256:…` of its only host key, spelled as ssh-keygen does. */
  hostKeyFingerprint(): Promise<string>;
  /** Runs a shell command as root without SSH, for a test's own looking. Never throws for an exit code. */
  exec(command: string): Promise<CommandResult>;
  /**
   * Everything on a running machine that differs from the image, with /var/lib/k0s and what is in memory (/run, /tmp, /dev/shm):
   * path → `file <bytes>`, `folder`, `link <target>`, `removed` (was in the image) or `other`.
   * Noise of systemd and sshd is left in.
   */
  listFiles(): Promise<Map<string, string>>;
  /** Gives it another host key, as a reinstalled host has; resolves when sshd answers with it. */
  renewHostKey(): Promise<void>;
  /** Clean power-off. Its files stay. */
  stop(): Promise<void>;
  /** Power cut. Its files stay as they are at that moment. */
  kill(): Promise<void>;
  /** Boots it again after `stop` or `kill`; resolves when sshd answers. */
  start(): Promise<void>;
  /** Clean reboot; resolves when sshd answers again. */
  reboot(): Promise<void>;
  /** Kills it and removes its files. */
  remove(): Promise<void>;
}

/** How machines differ from a bare Debian host. */
export interface MachineOptions {
  /** Start of the names; `machine` unless given. */
  readonly namePrefix?: string;
  /** Puts the parts in which k0s consists in /usr/local/bin (`k0sParts`), so that k0s can run. */
  readonly parts?: boolean;
  /** Puts k0s itself at /usr/local/bin/k0s: `true` for the default version, or a version. */
  readonly preInstalledK0s?: boolean | string;
}

/** What a driver needs to know of one machine. */
export interface MachineSpec {
  readonly name: string;
  /** Counts from 1 within its lab and decides its address. */
  readonly index: number;
  /** Folders that look like a root and lie over the image, read-only; the top one first. */
  readonly layers: readonly string[];
}

/** One way to have machines. Tests and the demo see `Machine` alone; `machineDriver` chooses. */
export interface MachineDriver {
  readonly kind: MachineKind;
  /**
   * Makes image and network of a lab ready, once.
   * @throws LabError with one line that says what is missing here.
   */
  prepare(lab: Lab): Promise<void>;
  /** The lab's network, made at the first call. */
  network(lab: Lab): Promise<MachineNetwork>;
  /** Boots a new machine; resolves when its sshd answers. */
  create(lab: Lab, spec: MachineSpec): Promise<Machine>;
  /** Takes up a machine that another process of this host created. */
  attach(lab: Lab, spec: MachineSpec): Promise<Machine>;
}
