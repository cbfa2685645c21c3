import { describeKubeClient } from './contract.ts';
import { fakeKube } from './fake-kube.ts';

describeKubeClient('The fake', () =>
  Promise.resolve({ client: fakeKube(), namespace: 'contract', close: () => Promise.resolve() }),
);
