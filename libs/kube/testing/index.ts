export { describeKubeClient, type ContractServer } from './contract.ts';
export {
  fakeKube,
  FakeKube,
  type FakeKubeOptions,
  type RecordedCall,
  type SeedObject,
  type Verb,
} from './fake-kube.ts';
export { Widget, widgetCrd } from './widget.ts';
