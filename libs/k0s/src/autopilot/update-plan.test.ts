import { describe, expect, it } from '@jest/globals';
import { planId, updatePlanSpec, type NodeUpdate } from './update-plan.ts';

const now = new Date('2026-01-01T00:00:00Z');
const update: NodeUpdate = { role: 'controller', node: 'c-0', version: 'v1.34.4+k0s.1' };
const official = (arch: string) => ({ url: `https://get.k0sproject.io/v1.34.4+k0s.1/k0s-v1.34.4+k0s.1-${arch}` });

describe('a Plan for one node', () => {
  it('names it, the version as k0s reports it, and where k0s is for each platform', () => {
    expect(updatePlanSpec({ ...update, version: '1.34.4-k0s.1' }, now)).toEqual({
      id: planId(update),
      timestamp: '2026-01-01T00:00:00.000Z',
      commands: [
        {
          k0supdate: {
            version: 'v1.34.4+k0s.1',
            platforms: {
              'linux-amd64': official('amd64'),
              'linux-arm64': official('arm64'),
              'linux-arm': official('arm'),
            },
            targets: { controllers: { discovery: { static: { nodes: ['c-0'] } } } },
          },
        },
      ],
    });
  });

  it('is for a worker where that is wished', () => {
    const [command] = updatePlanSpec({ ...update, role: 'worker' }, now).commands;
    expect(command.k0supdate['targets']).toEqual({ workers: { discovery: { static: { nodes: ['c-0'] } } } });
  });

  it.each([
    ['http://192.0.2.1/k0s', 'http://192.0.2.1/k0s'],
    ['https://get.k0s.sh', official('amd64').url],
    ['', official('amd64').url],
  ])('downloads, with downloadURL %j, from %s', (downloadUrl, expected) => {
    const [command] = updatePlanSpec({ ...update, downloadUrl }, now).commands;
    expect(command.k0supdate['platforms']).toMatchObject({ 'linux-amd64': { url: expected } });
  });

  it('cannot be made for a source that Autopilot does not know', () => {
    expect(() => updatePlanSpec({ ...update, downloadUrl: 'oci://registry/k0s' }, now)).toThrow('http and https only');
  });
});

describe('the id of a Plan', () => {
  it('stays the same for another spelling of the version', () => {
    expect(planId({ ...update, version: 'v1.34.4-k0s.1' })).toBe(planId(update));
  });

  it.each<[string, Partial<NodeUpdate>]>([
    ['node', { node: 'c-1' }],
    ['version', { version: 'v1.34.5+k0s.0' }],
    ['source', { downloadUrl: 'http://192.0.2.1/k0s' }],
    ['attempt', { attempt: '2' }],
  ])('is another one for another %s', (_, change) => {
    expect(planId({ ...update, ...change })).not.toBe(planId(update));
  });
});
