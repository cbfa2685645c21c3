import { spawnSync } from 'node:child_process';

import type { MachineKind } from '../src/machines/network.ts';

/** A kind of machine, and whether this host can have it. */
export interface KindHere {
  readonly kind: MachineKind;
  readonly possible: boolean;
  /** What it takes, for the name of a suite that is not run. */
  readonly needs: string;
}

const docker = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });

/** All kinds of machines; looked at once, before tests are collected. */
export const machineKinds: readonly KindHere[] = [
  { kind: 'nspawn', possible: process.getuid?.() === 0, needs: 'needs root' },
  { kind: 'containers', possible: docker.status === 0, needs: 'needs a Docker daemon that answers' },
];
