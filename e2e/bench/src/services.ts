import { readFile } from 'node:fs/promises';
import { startService, type System } from '@k0smotron/scenarios';
import type { Figure } from './figure.ts';

/** Start time and resident memory of each service on an idle system; the starts of one beside the three others come last. */
export async function* benchServices(system: System): AsyncGenerator<Figure> {
  for (const service of system.services) yield startTime(service, 'all four at once');
  yield* memory(system.services, 'idle');
  for (const service of system.services) {
    await service.process.stop();
    yield startTime(await startService(service, system), 'one alone');
  }
}

const startTime = ({ name, readyAfterMs }: System['services'][number], when: string): Figure => ({
  work: `${name}: start to ready, ${when}`,
  value: readyAfterMs / 1000,
  unit: 's',
  aim: '≤ 1.5 s',
});

/** Resident memory of each service now. */
export async function* memory(services: System['services'], when: string, aim = '≤ 110 MB'): AsyncGenerator<Figure> {
  for (const { name, process } of services) {
    const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    yield {
      work: `${name}: resident memory, ${when}`,
      value: kilobytes / 1024,
      unit: 'MB',
      original: '81 MB, one manager for all',
      aim,
    };
  }
}
