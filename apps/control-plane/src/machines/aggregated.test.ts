import { describe, expect, it } from '@jest/globals';
import type { Machine } from '@k0smotron/api';
import { machinesReady, machinesUpToDate } from './aggregated.ts';

const machine = (name: string, ready?: string) => ({
  name,
  machine: { status: { conditions: ready ? [{ type: 'Ready', status: ready }] : [] } } as unknown as Machine,
});
const same = { version: false, config: false, template: false, expired: false };

describe('MachinesReady', () => {
  it.each([
    { of: [], status: 'True', reason: 'NoReplicas', message: '' },
    { of: ['True', 'True'], status: 'True', reason: 'Ready', message: '' },
    { of: ['True', undefined], status: 'Unknown', reason: 'ReadyUnknown', message: 'Machine b' },
    { of: ['Unknown', 'False', 'True'], status: 'False', reason: 'NotReady', message: 'Machine a; Machine b' },
    {
      of: ['False', 'False', 'False', 'False', 'False'],
      status: 'False',
      reason: 'NotReady',
      message: 'Machine a; Machine b; Machine c; and 2 more',
    },
  ])('of $of is $status: $message', ({ of, ...expected }) => {
    const machines = of.map((ready, at) => machine('abcde'.charAt(at), ready));
    expect(machinesReady(machines)).toEqual({ type: 'MachinesReady', ...expected });
    expect(machinesReady(machines.toReversed())).toEqual(machinesReady(machines));
  });
});

describe('MachinesUpToDate', () => {
  it('says which controllers differ from the spec, and in what', () => {
    const outdated = { name: 'a', differences: { ...same, version: true } };
    expect(machinesUpToDate([outdated, { name: 'b', differences: same }])).toMatchObject({
      status: 'False',
      reason: 'NotUpToDate',
      message: 'Machine a: Made from an older spec.version',
    });
    expect(machinesUpToDate([{ name: 'b', differences: same }])).toMatchObject({ status: 'True', reason: 'UpToDate' });
  });
});
