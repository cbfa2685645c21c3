import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../testing/index.ts';
import { certificateCopies, type CertificatePairs } from './certificate-copies.ts';

const types = ['ca', 'sa', 'proxy', 'etcd', 'apiserver-etcd-client', 'etcd-server', 'etcd-peer', 'monitoring-client'];
const pairs: CertificatePairs = Object.fromEntries(types.map((type) => [type, { certPem: 'c', keyPem: 'k' }]));
const both = ['tls.crt', 'tls.key'];

const copiesOf = (spec: object) => {
  const plane = aPlane();
  const copies = certificateCopies({ ...plane, spec: { ...plane.spec, ...spec } }, pairs);
  return Object.fromEntries(
    copies.map(({ metadata, ...rest }) => [metadata.name, Object.keys(rest['data'] as object)]),
  );
};

describe('copies of certificates for pods elsewhere', () => {
  const always = { 'blue-ca': both, 'blue-proxy': both, 'blue-sa': both };
  const ofEtcd = {
    'blue-etcd': ['tls.crt'],
    'blue-apiserver-etcd-client': both,
    'blue-etcd-server': both,
    'blue-etcd-peer': both,
  };
  it.each([
    ['an etcd of its own, without the key of its authority', {}, { ...always, ...ofEtcd }],
    ['a database', { storage: { type: 'kine' } }, always],
    [
      'servers of NATS',
      { replicas: 3, storage: { type: 'nats' } },
      { ...always, 'blue-etcd': ['tls.crt'], 'blue-etcd-peer': both },
    ],
    [
      'metrics',
      { monitoring: { enabled: true, prometheusImage: 'p', proxyImage: 'n' } },
      { ...always, ...ofEtcd, 'blue-monitoring-client': both },
    ],
    [
      'a name that the user gave',
      { certificateRefs: [{ type: 'ca', name: 'mine' }] },
      { mine: both, 'blue-proxy': both, 'blue-sa': both, ...ofEtcd },
    ],
  ])('for a plane with %s', (_, spec, wanted) => {
    expect(copiesOf(spec)).toEqual(wanted);
  });

  it('has nothing of a certificate that is not there yet', () => {
    expect(certificateCopies(aPlane(), {})).toEqual([]);
  });
});
