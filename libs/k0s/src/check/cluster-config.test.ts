import { describe, expect, it } from '@jest/globals';
import { refused, taken } from '../../test/cluster-configs.ts';
import { clusterConfigFindings } from './cluster-config.ts';

const version = 'v1.34.4+k0s.0';
const findings = (spec: object, of: string | undefined = version) =>
  clusterConfigFindings({ spec: { ...spec } }, of, 'k0s');
const fields = (spec: object) =>
  findings(spec).map(({ field, warning = false }) => [field, warning ? 'warning' : 'error']);

describe('a ClusterConfig that k0s takes', () => {
  it.each(taken.map(({ what, spec }) => [what, spec] as const))('%s', (_, spec) => expect(findings(spec)).toEqual([]));

  it('has nothing to say of no configuration', () => {
    expect(clusterConfigFindings(undefined, version, 'k0s')).toEqual([]);
  });
});

describe('a ClusterConfig that k0s refuses', () => {
  it.each(refused.map(({ what, spec, field }) => [what, spec, field] as const))('%s', (_, spec, field) => {
    expect(fields(spec)).toEqual([[`k0s.spec.${field}`, 'error']]);
  });

  it('has two listeners on one port, which k0s sees when it starts them', () => {
    expect(fields({ api: { port: 9443 } })).toEqual([['k0s.spec.api.k0sApiPort', 'error']]);
  });

  it.each([
    ['a name in another case, which only k0s understands', { Api: {} }, 'k0s.spec.Api'],
    [
      'a port of konnectivity, which may be off',
      { konnectivity: { agentPort: 6443 } },
      'k0s.spec.konnectivity.agentPort',
    ],
  ])('warned of: %s', (_, spec, field) => expect(fields(spec)).toEqual([[field, 'warning']]));

  it('names what there is', () => {
    const [finding] = findings({ telemetry: { enable: true } });
    expect(finding?.message).toBe("is no field of k0s's ClusterConfig: take it out, or write one of enabled");
  });

  it('is told in the head too', () => {
    const config = { apiVersion: 'k0s.k0sproject.io/v1beta2', kind: 'Config', metadata: {}, api: {} };
    expect(clusterConfigFindings(config, version, 'k0s').map(({ field }) => field)).toEqual([
      'k0s.apiVersion',
      'k0s.kind',
      'k0s.api',
    ]);
  });

  it.each([['v1.36.0+k0s.0'], ['v1.30.1'], [undefined], ['newest']])('is only warned of for k0s %s', (of) => {
    expect(clusterConfigFindings({ spec: { apii: {} } }, of, 'k0s')).toEqual([
      { field: 'k0s.spec.apii', message: expect.stringMatching(/\(as of k0s v1\.34\./), warning: true },
    ]);
  });
});
