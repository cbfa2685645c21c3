export { memoryStore } from './memory-store.ts';
export { storeContract, type StoreWorld } from './store-contract.ts';
