export type { Bus, ConsumeOptions, FactHandler, Published, Subscription } from './bus.ts';
export { connectBus, type ConnectBusOptions } from './connect-bus.ts';
export type { FactLog, Stored } from './fact-log.ts';
export { NatsAddressError } from './nats-address.ts';
export { nullBus } from './null-bus.ts';
