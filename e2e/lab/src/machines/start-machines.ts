import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LabError } from '../lab-error.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { machineDriver } from './choose-driver.ts';
import { k0sLayer } from './k0s-binary.ts';
import { k0sParts } from './k0s-parts.ts';
import type { Machine, MachineOptions, MachineSpec } from './machine.ts';
import { machinesDir } from './machines-dir.ts';

/** Boots in flight; more of them only wait for each other on a small host. */
const bootsAtOnce = 12;
const lastIndex = 200;

/**
 * Boots machines side by side and returns them when every one answers SSH: 2 s for one, forty in about 20 s on two
 * cores. The first call on a host also builds the image (a minute).
 * @throws LabError with one line that says what is missing here (root and overlayfs on Linux, or a Docker daemon).
 */
export async function startMachines(lab: Lab, count: number, options: MachineOptions = {}): Promise<Machine[]> {
  const driver = await machineDriver(lab);
  await driver.prepare(lab);
  const layers = await layersOf(options);
  const specs = Array.from({ length: count }, () => claimSpec(lab, options.namePrefix ?? 'machine', layers));
  const began = Date.now();
  const machines = await inParallel(specs, bootsAtOnce, (spec) => driver.create(lab, spec));
  progress(`${count} machines answer SSH after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return machines;
}

/** The machines of a lab, whoever started them, running or not; in the order in which they were made. */
export async function listMachines(lab: Lab): Promise<Machine[]> {
  const specs = readdirSync(machinesDir(lab))
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((name) => readSpec(specFile(lab, Number(name))) ?? []);
  if (specs.length === 0) return [];
  const driver = await machineDriver(lab);
  return Promise.all(specs.map((spec) => driver.attach(lab, spec)));
}

/** Top layer first. */
async function layersOf({ parts, preInstalledK0s }: MachineOptions): Promise<string[]> {
  const layers: string[] = [];
  if (preInstalledK0s) layers.push(await k0sLayer(preInstalledK0s === true ? undefined : preInstalledK0s));
  if (parts) layers.push(await k0sParts());
  return layers;
}

/** Takes the next free number of the lab; making its folder is the claim. */
function claimSpec(lab: Lab, namePrefix: string, layers: readonly string[]): MachineSpec {
  for (let index = 1; index <= lastIndex; index += 1) {
    try {
      mkdirSync(join(machinesDir(lab), String(index)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    const spec: MachineSpec = { name: `${namePrefix}-${index}`, index, layers };
    writeFileSync(specFile(lab, index), JSON.stringify(spec));
    return spec;
  }
  throw new LabError(`a lab has at most ${lastIndex} machines`);
}

const specFile = (lab: Lab, index: number): string => join(machinesDir(lab), String(index), 'machine.json');

function readSpec(file: string): MachineSpec | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MachineSpec;
  } catch {
    return undefined; // its maker died before it was written
  }
}

async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const workers = Array.from({ length: limit }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  });
  await Promise.all(workers);
  return results;
}
