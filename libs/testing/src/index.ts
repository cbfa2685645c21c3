export { eventually, type EventuallyOptions } from './eventually.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { startFaultProxy, type Direction, type Fault, type FaultProxy } from './fault-proxy.ts';
