import { describe, expect, it } from '@jest/globals';
import { SnapshotDamagedError } from './damaged.ts';
import { manifestFormat, parseManifest, renderManifest, type Manifest } from './manifest.ts';
import { attemptFiles, manifestName } from './names.ts';

const digest = 'a'.repeat(64);
const place = { namespace: 'ns', controlPlane: 'plane', snapshot: 'nightly-1' };
const manifest: Manifest = {
  format: manifestFormat,
  snapshot: { namespace: 'ns', name: 'nightly-1' },
  controlPlane: { apiGroup: 'k0smotron.io', kind: 'Cluster', name: 'plane', etcdPrefix: 'plane' },
  etcd: {
    clusterId: 'c1',
    version: '3.6.8',
    memberId: 'm1',
    members: [{ id: 'm1', name: 'a', learner: false }],
  },
  before: { revision: 10, keys: 3 },
  after: { revision: 12, keys: 4 },
  hash: { hash: 77, compactRevision: -1, revision: 10 },
  marker: { key: '/k0smotron/marker', value: 'x' },
  takenAt: '2026-01-01T00:00:00Z',
  database: { sizeBytes: 1056, sha256: digest },
  file: { name: 'one.db.zst', sizeBytes: 500, sha256: digest, compression: 'zstd', encryption: 'none' },
};

describe('a manifest', () => {
  it('is read as it was written, with and without what may be missing', () => {
    const whole: Manifest = {
      ...manifest,
      controlPlane: { ...manifest.controlPlane, k0sVersion: 'v1.34.4+k0s.0' },
      pki: { name: 'one.pki.json.zst.age', sizeBytes: 1, sha256: digest },
    };
    for (const one of [manifest, whole]) expect(parseManifest(renderManifest(one))).toEqual(one);
  });

  it('leaves out what it does not know', () => {
    expect(parseManifest(renderManifest({ ...manifest, later: true } as Manifest))).toEqual(manifest);
  });

  it.each([
    ['no JSON', '{"format":', 'no JSON'],
    ['another format', renderManifest({ ...manifest, format: 'other/v2' }), 'format other/v2'],
    ['null', 'null', 'format undefined'],
    ['a missing field', JSON.stringify({ ...manifest, etcd: undefined }), 'manifest.etcd is not an object'],
    ['a wrong digest', JSON.stringify({ ...manifest, database: { sizeBytes: 1, sha256: 'A' } }), 'database.sha256'],
    ['a negative size', JSON.stringify({ ...manifest, database: { sizeBytes: -1, sha256: digest } }), 'sizeBytes'],
    ['members that are none', JSON.stringify({ ...manifest, etcd: { ...manifest.etcd, members: [1] } }), 'members[0]'],
  ])('refuses %s', (_what, text, said) => {
    expect(() => parseManifest(text)).toThrow(SnapshotDamagedError);
    expect(() => parseManifest(text)).toThrow(said);
  });

  it('lies where the names of its objects say; each attempt has files of its own beside it', () => {
    expect(manifestName(place)).toBe('ns/plane/nightly-1/manifest.json');
    expect(attemptFiles(place, 'k3', true)).toEqual({
      database: 'ns/plane/nightly-1/k3.db.zst.age',
      pki: 'ns/plane/nightly-1/k3.pki.json.zst.age',
    });
    expect(attemptFiles(place, 'k3', false).database).toBe('ns/plane/nightly-1/k3.db.zst');
  });
});
