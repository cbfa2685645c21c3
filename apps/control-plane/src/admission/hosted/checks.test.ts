import { describe, expect, it } from '@jest/globals';
import type { Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';
import { checkHostedCluster, checkHostedControlPlane, checkHostedTemplate } from './check-hosted.ts';
import { checkJoinTokenRequest } from './check-join-token-request.ts';

const lines = (findings: readonly Finding[]) =>
  findings.map(({ field, warning }) => `${warning ? 'warning' : 'error'} ${field}`);
const told = <T>(check: Check<T>, object: object, old?: object) =>
  lines(check({ metadata: { name: 'c' }, ...object } as never, old as never));
const specOf = (over: object = {}) => ({
  replicas: 1,
  image: 'quay.io/k0sproject/k0s',
  version: 'v1.34.4+k0s.0',
  service: { type: 'ClusterIP', apiPort: 30443, konnectivityPort: 30132 },
  storage: { type: 'etcd', etcd: {} },
  ...over,
});
const etcdArgs = (...args: string[]) => ({ storage: { type: 'etcd', etcd: { args } } });
const mounts = (...paths: string[]) => ({ mounts: paths.map((path) => ({ path, emptyDir: {} })) });
const manifests = (...names: string[]) => ({ manifests: names.map((name) => ({ name, emptyDir: {} })) });
const ingress = (apiHost: string, konnectivityHost = 'k.example.com') => ({ ingress: { apiHost, konnectivityHost } });

describe('where a hosted plane runs', () => {
  const refTo = (name: string) => ({ remoteHostCluster: { kubeconfigRef: { namespace: 'a', name } } });
  const refused = ['error spec.remoteHostCluster'];
  it.each([
    ['is in another cluster from the beginning', refTo('x'), undefined, []],
    ['is reached by another kubeconfig', refTo('y'), refTo('x'), []],
    ['does not become another cluster', refTo('x'), {}, refused],
    ['does not become home', {}, refTo('x'), refused],
    ['stays at home', { remoteHostCluster: {} }, {}, []],
  ])('%s', (_, over, before, wanted) => {
    const old = before && { spec: specOf(before) };
    expect(told(checkHostedCluster, { spec: specOf(over) }, old)).toEqual(wanted);
    expect(told(checkHostedControlPlane, { spec: specOf(over) }, old)).toEqual(wanted);
  });
});

describe('a hosted Cluster', () => {
  const shell = '$(touch /tmp/x); `id` \'a\' "b" && c';
  it.each([
    ['that is bare', {}, []],
    ['with an image of a registry with a port', { image: 'registry:5000/k0s' }, []],
    ['with an address', { externalAddress: '2001:db8::1' }, []],
    ['with a name', { externalAddress: 'API.example.com' }, []],
    ['with flags', { controlPlaneFlags: ['--debug', '--labels', 'a b', '--kubelet-extra-args=--v=1 --x=2'] }, []],
    [
      'with three on what a Secret names',
      { replicas: 3, storage: { type: 'kine', etcd: {}, kine: { dataSourceSecretName: 'a' } } },
      [],
    ],
    ['with shell signs as a value', etcdArgs(`--experimental-x=${shell}`, '--quota-backend-bytes', '1'), []],
    ['with its own volumes', { ...mounts('/etc/k0s/audit', '/opt/a b'), ...manifests('calico') }, []],
    ['with settings of k0s', { k0sConfig: { spec: { network: { provider: 'calico' } } } }, []],

    ['with three on SQLite', { replicas: 3, storage: { type: 'kine', etcd: {} } }, ['error spec.storage']],
    ['with a tag in the image', { image: 'quay.io/k0sproject/k0s:v1' }, ['warning spec.image']],
    ['with a digest in it', { image: 'k0s@sha256:0' }, ['warning spec.image']],
    ['with a shell in it', { image: 'k0s; id' }, ['error spec.image']],
    ['with a shell in the address', { externalAddress: shell }, ['error spec.externalAddress']],
    ['with a port in the address', { externalAddress: 'a:6443' }, ['error spec.externalAddress']],
    ['with a line in the address', { externalAddress: 'a\nb: c' }, ['error spec.externalAddress']],
    ['with a label too long', { externalAddress: `${'a'.repeat(64)}.b` }, ['error spec.externalAddress']],
    ['with a URL for its API', ingress('https://a'), ['error spec.ingress.apiHost']],
    ['with nonsense for konnectivity', ingress('a', 'a b'), ['error spec.ingress.konnectivityHost']],
    [
      'with one port for two',
      { service: { type: 'ClusterIP', apiPort: 1, konnectivityPort: 1 } },
      ['error spec.service.konnectivityPort'],
    ],
    ['with two words in a flag', { controlPlaneFlags: ['--debug --x'] }, ['error spec.controlPlaneFlags[0]']],
    ['with nothing as a flag', { controlPlaneFlags: ['--debug', ' '] }, ['error spec.controlPlaneFlags[1]']],
    ['with two words for etcd', etcdArgs('--snapshot-count 5'), ['error spec.storage.etcd.args[0]']],
    ['with a zero byte for etcd', etcdArgs('--x=\0'), ['error spec.storage.etcd.args[0]']],
    ['that begins etcd anew', etcdArgs('--force-new-cluster'), ['error spec.storage.etcd.args[0]']],
    ['the same with one dash', etcdArgs('-force-new-cluster=true'), ['error spec.storage.etcd.args[0]']],
    ['with data elsewhere', etcdArgs('--a', '--data-dir=/b'), ['error spec.storage.etcd.args[1]']],
    ['with manifests outside', manifests('../../pki'), ['error spec.manifests[0].name']],
    ['with manifests in our volume', manifests('certificates'), ['error spec.manifests[0].name']],
    ['with manifests twice', manifests('a', 'b', 'a'), ['error spec.manifests[2].name']],
    ['with a relative mount', mounts('a'), ['error spec.mounts[0].path']],
    ['with a way up', mounts('/a/../b'), ['error spec.mounts[0].path']],
    ['with a colon in a mount', mounts('/a:b'), ['error spec.mounts[0].path']],
    ['with a mount twice', mounts('/a', '/a'), ['error spec.mounts[1].path']],
    ['with a field that k0s lacks', { k0sConfig: { spec: { apii: {} } } }, ['error spec.k0sConfig.spec.apii']],
  ])('%s', (_, spec, expected) => {
    expect(told(checkHostedCluster, { spec: specOf(spec) })).toEqual(expected);
    expect(told(checkHostedControlPlane, { spec: specOf(spec) })).toEqual(expected);
    const asTemplate = expected.map((line) => line.replace(/^\w+ spec/, 'warning spec.template.spec'));
    expect(told(checkHostedTemplate, { spec: { template: { spec: specOf(spec) } } })).toEqual(asTemplate);
  });

  it('may have a name of 63 characters', () => {
    const named = (length: number) => ({ metadata: { name: 'a'.repeat(length) }, spec: specOf() });
    expect(told(checkHostedCluster, named(63))).toEqual([]);
    expect(told(checkHostedCluster, named(64))).toEqual(['error metadata.name']);
  });
});

describe('a hosted control plane', () => {
  it('does not go back behind what runs', () => {
    const at = (version: string) => ({ metadata: { name: 'c' }, spec: specOf({ version }), status: { version } });
    expect(told(checkHostedControlPlane, at('v1.33.1+k0s.0'), at('v1.34.4+k0s.0'))).toEqual(['error spec.version']);
    expect(told(checkHostedControlPlane, at('v1.34.4+k0s.1'), at('v1.34.4+k0s.0'))).toEqual([]);
  });
});

describe('a request for a join token', () => {
  const endless = `${'9'.repeat(60)}h`;
  it.each([
    [{ role: 'worker', expiry: '0s' }, []],
    [{ role: 'worker', expiry: '87600h' }, []],
    [{ role: 'worker', expiry: '87601h' }, ['error spec.expiry']],
    [{ role: 'worker', expiry: endless }, ['error spec.expiry']],
    [{ role: 'controller', expiry: '1h' }, ['error spec.role']],
  ])('of %j', (spec, expected) => expect(told(checkJoinTokenRequest, { spec })).toEqual(expected));
});
