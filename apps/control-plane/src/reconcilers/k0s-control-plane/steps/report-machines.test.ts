import { describe, expect, it } from '@jest/globals';
import { Machine } from '@k0smotron/api';
import { aPlane, noSignal } from '../../../../testing/a-plane.ts';
import { sortedJson } from '../../../machines/json.ts';
import { reportMachines } from './report-machines.ts';

describe('what Machines are told', () => {
  it('is written once: the server gives the fields of a condition back in another order', async () => {
    const { scope, management } = aPlane();
    await reportMachines.run(scope, noSignal);
    const stored = await management.get(Machine, { namespace: 'ns', name: 'c-0' });
    expect(stored?.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'APIServerHealthy=True',
      'EtcdMemberHealthy=True',
      'UpToDate=True',
    ]);

    const machine = JSON.parse(sortedJson(stored)) as Machine;
    const controllers = scope.controllers.map((controller) => ({ ...controller, machine }));
    const before = management.calls.length;
    await reportMachines.run({ ...scope, controllers }, noSignal);
    expect(management.calls.slice(before)).toEqual([]);
  });
});
