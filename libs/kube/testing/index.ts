export { describeKubeClient, type ContractServer } from './contract.ts';
export {
  fakeKube,
  FakeKube,
  type FakeKubeOptions,
  type RecordedCall,
  type SeedObject,
  type Verb,
} from './fake-kube.ts';
export { startFakeKubelet, type FakeKubelet, type FakeKubeletOptions } from './fake-kubelet.ts';
export { Widget, widgetCrd } from './widget.ts';
