import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import { containersDriver } from './containers/driver.ts';
import { answeringHost } from './containers/engine.ts';
import { missingForNspawn } from './host-tools.ts';
import type { MachineDriver } from './machine.ts';
import type { MachineKind } from './network.ts';
import { madeNetwork } from './network.ts';
import { nspawnDriver } from './nspawn/driver.ts';

const drivers: Readonly<Record<MachineKind, MachineDriver>> = { nspawn: nspawnDriver, containers: containersDriver };

/** The driver of a lab's machines: the one that made its network, else the one that is chosen here and now. */
export async function machineDriver(lab: Lab): Promise<MachineDriver> {
  return drivers[madeNetwork(lab)?.kind ?? (await chooseKind())];
}

/** What `chooseKind` looks at. */
export interface Surroundings {
  /** `K0SMOTRON_LAB_MACHINES`. */
  readonly wanted: string | undefined;
  /** What this host lacks for nspawn, in one sentence; undefined when it lacks nothing. */
  readonly missingForNspawn: () => Promise<string | undefined>;
  /** Whether a Docker daemon answers. */
  readonly hasDocker: () => Promise<boolean>;
}

const here = (): Surroundings => ({
  wanted: process.env['K0SMOTRON_LAB_MACHINES'],
  missingForNspawn,
  hasDocker: async () => (await answeringHost()) !== undefined,
});

/**
 * The kind that is wanted, else nspawn where it can be, else containers where a Docker daemon answers.
 * @throws LabError with one line that says what is missing of both.
 */
export async function chooseKind(
  { wanted, missingForNspawn: missing, hasDocker }: Surroundings = here(),
): Promise<MachineKind> {
  if (wanted === 'nspawn' || wanted === 'containers') return wanted;
  if (wanted) throw new LabError(`K0SMOTRON_LAB_MACHINES is "${wanted}": nspawn and containers are what there is`);
  const lacking = await missing();
  if (lacking === undefined) return 'nspawn';
  if (await hasDocker()) return 'containers';
  throw new LabError(`${lacking}; or a Docker daemon, and none answers \`docker info\``);
}
