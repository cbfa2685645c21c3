export { selfSigned } from './self-signed.ts';
export { fakeCaches, fakeRun, type FakeRun, type FakeRunOptions } from './fake-run.ts';
