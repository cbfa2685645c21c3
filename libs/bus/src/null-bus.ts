import type { Bus } from './bus.ts';

/** The bus of a service that runs without NATS: facts go nowhere, and nothing is missed by it. */
export const nullBus: Bus = {
  healthy: true,
  publish: () => Promise.resolve('dropped'),
  consume: () => ({ stop: () => Promise.resolve() }),
  onNewStream: () => () => undefined,
  close: () => Promise.resolve(),
};
