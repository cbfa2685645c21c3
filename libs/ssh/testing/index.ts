export { hostSessionContract, type ContractHost } from './contract.ts';
export { startFakeHost, type FakeHost, type FakeHostOptions } from './fake-host.ts';
export { newKeyPair, type KeyPair } from './keys.ts';
export { sshdBinary, startSshd, type Sshd } from './sshd.ts';
