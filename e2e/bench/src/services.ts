import { readFile } from 'node:fs/promises';
import type { System } from '@k0smotron/scenarios';
import type { Figure } from './figure.ts';

/** Start time and resident memory of each service on an idle system. */
export async function* benchServices({ services }: System): AsyncGenerator<Figure> {
  for (const { name, readyAfterMs } of services) {
    yield { work: `${name}: start to ready`, value: readyAfterMs / 1000, unit: 's', aim: '≤ 1.5 s' };
  }
  yield* memory(services, 'idle');
}

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
