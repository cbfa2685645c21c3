import { describe, expect, it } from '@jest/globals';
import { templateReference } from './template-reference.ts';

const of = (machineTemplate: object) => templateReference({ spec: { machineTemplate } as never });
const wanted = { group: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };

describe('the template of the machines', () => {
  it('is found where contract v1beta2 has it', () => {
    const infrastructureRef = { apiGroup: wanted.group, kind: wanted.kind, name: 't' };
    expect(of({ spec: { infrastructureRef } })).toEqual(wanted);
  });

  it('is found where contract v1beta1 has it', () => {
    const infrastructureRef = { apiVersion: `${wanted.group}/v1beta1`, kind: wanted.kind, name: 't', namespace: 'ns' };
    expect(of({ infrastructureRef })).toEqual(wanted);
  });
});
