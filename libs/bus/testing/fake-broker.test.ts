import { describeBus } from './bus-contract.ts';
import { fakeBroker } from './fake-broker.ts';

describeBus('the fake bus', () => {
  const broker = fakeBroker();
  return Promise.resolve({
    connect: () => Promise.resolve(broker.connect()),
    stop: () => Promise.resolve(broker.stop()),
    start: () => Promise.resolve(broker.start()),
    wipe: () => Promise.resolve(broker.wipe()),
    stored: () => Promise.resolve(broker.facts),
    close: () => Promise.resolve(),
  });
});
