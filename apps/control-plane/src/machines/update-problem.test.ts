import { describe, expect, it } from '@jest/globals';
import type { K0sControlPlane, Machine, RemoteMachine } from '@k0smotron/api';
import type { Controller } from './controller.ts';
import { updateProblem } from './update-problem.ts';

const machine = (name: string, version: string): Machine =>
  ({ metadata: { name }, spec: { version } }) as unknown as Machine;
const controller = (version: string, booted = true): Controller => ({
  name: 'c',
  machine: machine('c', version),
  remote: { spec: booted ? { providerID: 'p' } : {} } as unknown as RemoteMachine,
});
const problem = (wanted: string, controllers: readonly Controller[], workers: readonly Machine[] = []) =>
  updateProblem({ plane: { spec: { version: wanted } } as unknown as K0sControlPlane, controllers, workers });

describe('a version that may not come next', () => {
  it.each([
    { wanted: 'v1.34.4+k0s.1', runs: 'v1.34.4+k0s.0' },
    { wanted: 'v1.34.4', runs: 'v1.33.9+k0s.0' },
    { wanted: 'v1.34.1+k0s.0', runs: 'v1.34.4+k0s.0' },
  ])('is none of $wanted after $runs', ({ wanted, runs }) =>
    expect(problem(wanted, [controller(runs)])).toBeUndefined(),
  );

  it.each([
    { wanted: 'v1.34.4', runs: 'v1.32.1', says: 'v1.32.1 still runs: update to v1.33 and wait' },
    { wanted: 'v1.33.4', runs: 'v1.34.1', says: 'v1.34.1 runs already, and etcd cannot go back' },
  ])('is $wanted after $runs', ({ wanted, runs, says }) => {
    expect(problem(wanted, [controller('v1.33.1'), controller(runs)])).toContain(says);
  });

  it('is judged by what has booted: a wrong version that never ran may be taken back', () => {
    expect(problem('v1.33.4', [controller('v1.33.1'), controller('v1.36.0', false)])).toBeUndefined();
  });

  it('is one too new for a kubelet', () => {
    const workers = [machine('w-1', 'v1.31.2+k0s.0'), machine('w-0', 'v1.31.0+k0s.0'), machine('w-2', 'v1.34.0')];
    expect(problem('v1.35.0', [controller('v1.34.1')], workers)).toBe(
      'worker w-0 runs v1.31.0+k0s.0, for which v1.34 is the newest control plane: update it first',
    );
    expect(problem('v1.34.4', [controller('v1.33.1')], workers)).toBeUndefined();
  });
});
