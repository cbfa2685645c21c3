export { aFact } from './a-fact.ts';
export { describeBus, type BrokerUnderTest } from './bus-contract.ts';
export { fakeBroker, type FakeBroker } from './fake-broker.ts';
