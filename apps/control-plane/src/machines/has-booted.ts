import type { Controller } from './controller.ts';

/** True once its bootstrap has ended. */
export const hasBooted = ({ machine, remote }: Controller): boolean =>
  remote ? remote.spec.providerID !== undefined : machine.status?.initialization?.infrastructureProvisioned === true;
