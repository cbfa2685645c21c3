import { describe, expect, it } from '@jest/globals';
import { refused, taken, takenWithWarning } from '../../test/cluster-configs.ts';
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

  it.each(takenWithWarning.map(({ what, spec, field }) => [what, spec, field] as const))(
    'is warned of what k0s takes all the same: %s',
    (_, spec, field) => expect(fields(spec)).toEqual([[`k0s.spec.${field}`, 'warning']]),
  );

  it.each([
    ['a name in another case, which only k0s understands', { Api: {} }, 'k0s.spec.Api'],
    [
      'a port of konnectivity, which may be off',
      { konnectivity: { agentPort: 6443 } },
      'k0s.spec.konnectivity.agentPort',
    ],
  ])('warned of: %s', (_, spec, field) => expect(fields(spec)).toEqual([[field, 'warning']]));

  it.each([
    [
      { telemetry: { enable: true } },
      "telemetry.enable: is no field of k0s's ClusterConfig: take it out, or write one of enabled",
    ],
    [{ extensions: { helm: { charts: [{ timeout: 1.5 }] } } }, 'timeout: must be integer or string, not number'],
    [{ api: { sans: [[]] } }, 'api.sans[0]: must be string, not array'],
    [{ api: { port: 70000 } }, 'api.port: is 70000: write a number from 0 to 65535'],
    [{ storage: { type: 'sqlite' } }, 'storage.type: is "sqlite": write one of etcd, kine'],
    [{ workerProfiles: [{}] }, 'workerProfiles[0].name: is missing: write it'],
    [{ images: { pause: { image: '' } } }, 'images.pause.image: is empty: write it'],
    [{ images: { pause: { version: '!' } } }, 'images.pause.version: is "!": write what fits ^[\\w]'],
    [
      { extensions: { helm: { charts: [{ name: 'a'.repeat(54) }] } } },
      'extensions.helm.charts[0].name: is too long: write at most 53 characters',
    ],
    [{ api: { extraArgs: { 'a/~b': 1 } } }, 'api.extraArgs.a/~b: must be string, not integer'],
  ])('says what to write in place of %j', (spec, expected) => {
    const told = findings(spec).map(({ field, message }) => `${field}: ${message}`);
    expect(told.filter((line) => line.includes(expected))).toHaveLength(1);
  });

  it('tells everything at once, each field once', () => {
    expect(fields({ storage: { type: 5 }, images: { pause: { image: '', version: [] } }, apii: {} })).toEqual([
      ['k0s.spec.apii', 'error'],
      ['k0s.spec.images.pause.image', 'error'],
      ['k0s.spec.images.pause.version', 'error'],
      ['k0s.spec.storage.type', 'error'],
    ]);
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
