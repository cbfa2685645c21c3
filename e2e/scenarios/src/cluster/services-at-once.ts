import { startService, type RunningService } from '../system/start-service.ts';
import type { ServiceName } from '../system/services.ts';
import type { System } from '../system/start-system.ts';

/** Ends a service without warning, as a node that loses power would. */
export async function stopAtOnce(system: System, name: ServiceName): Promise<void> {
  await serviceOf(system, name).process.stop('SIGKILL');
}

/** Starts a service that was ended; resolves when it is ready. It leads once its old lease has run out. */
export async function startAgain(system: System, name: ServiceName): Promise<void> {
  const service = serviceOf(system, name);
  (system.services as RunningService[])[system.services.indexOf(service)] = await startService(service, system);
}

function serviceOf({ services }: System, name: ServiceName): RunningService {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`no service ${name}`);
  return found;
}
