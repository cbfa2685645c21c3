import { memoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('the fake', () =>
  Promise.resolve({ store: memoryStore(), unfinished: () => Promise.resolve([]), close: () => Promise.resolve() }),
);
