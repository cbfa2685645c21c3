import { launchService, startAgain, stopAtOnce, type ServiceName, type System } from '@k0smotron/scenarios';
import { keepKilling, type Mortal, type Mortality } from './mortal.ts';
import { readTrace, type Trace } from './trace.ts';

/** Services of a system that die as told, each by itself. */
export interface MortalSystem {
  /** What they have done so far. */
  traces(): ReadonlyMap<ServiceName, Trace>;
  /** The effects that they were killed after since this was last asked for; from now on each kind of effect is aimed at anew. */
  takeKills(): readonly string[];
  /** Lets services live that nobody kills. */
  end(): Promise<void>;
}

/** Ends these services and starts them again under a harness, without leader election. */
export async function makeMortal(
  system: System,
  mortalities: Readonly<Partial<Record<ServiceName, Mortality>>>,
): Promise<MortalSystem> {
  const names = Object.keys(mortalities) as ServiceName[];
  const pathOf = (name: ServiceName): string => `${system.lab.dir}/${name}.trace`;
  const mortals: Mortal[] = [];
  for (const name of names) {
    await stopAtOnce(system, name);
    const place = system.services.find((service) => service.name === name);
    const mortality = mortalities[name];
    if (!place || !mortality) throw new Error(`no service ${name}`);
    const start = (env: Readonly<Record<string, string>>) => launchService(place, system, { env, leaderElect: false });
    mortals.push(await keepKilling(start, mortality, pathOf(name)));
  }
  const taken = new Map<ServiceName, number>();
  return {
    traces: () => new Map(names.map((name) => [name, readTrace(pathOf(name))])),
    takeKills: () =>
      names.flatMap((name, at) => {
        mortals[at]?.aimAnew();
        const { kills } = readTrace(pathOf(name));
        const before = taken.get(name) ?? 0;
        taken.set(name, kills.length);
        return kills.slice(before);
      }),
    async end() {
      const ends = await Promise.allSettled(mortals.map((mortal) => mortal.end()));
      await Promise.all(names.map((name) => startAgain(system, name)));
      const failed = ends.find((it) => it.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}
