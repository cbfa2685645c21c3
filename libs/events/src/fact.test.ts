import { describe, expect, it } from '@jest/globals';
import { tokenMinted } from './bootstrap.ts';
import { controllerAdded, controllerRemoved } from './control-plane.ts';
import { factObject } from './fact-object.ts';
import { machineFailed, machineProvisioned, machineReleased, machineReserved } from './infrastructure.ts';
import { parseFact } from './parse-fact.ts';

const object = { kind: 'RemoteMachine', namespace: 'default', name: 'm-0', uid: 'u1', cluster: 'demo' };
const at = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const reserved = machineReserved(object, { pool: 'hosts', host: { name: 'host-0', uid: 'h0' } }, at);

describe('a fact', () => {
  it('is a CloudEvents 1.0 event', () => {
    expect(reserved).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      source: '/k0smotron/infrastructure',
      type: 'io.k0smotron.infrastructure.remotemachine.reserved.v1',
      subject: 'RemoteMachine/default/m-0',
      time: '2026-01-01T00:00:00Z',
      datacontenttype: 'application/json',
      factclass: 'state',
      data: {
        service: 'infrastructure',
        fact: 'reserved',
        object,
        details: { pool: 'hosts', host: { name: 'host-0', uid: 'h0' } },
      },
    });
  });

  it('keeps its id for ever, since ids are on the wire', () => {
    expect(reserved.id).toBe('9da4359ff69eba4ad728b59115827347');
  });

  it('has the same id when the same transition is told later', () => {
    expect(machineProvisioned(object, { address: 'a' }, later).id).toBe(
      machineProvisioned(object, { address: 'b' }, at).id,
    );
  });

  it('has another id for another object, fact or transition', () => {
    const failed = (since: string) => machineFailed(object, { reason: 'ScriptFailed', since }, at).id;
    const added = (machine: string) => controllerAdded(object, { machine, replicas: 3 }, at).id;
    const ids = [
      reserved.id,
      machineReserved({ ...object, uid: 'u2' }, reserved.data.details, at).id,
      machineReserved({ ...object, kind: 'Other' }, reserved.data.details, at).id,
      machineReleased(object, { clean: true, host: { name: 'host-0', uid: 'h0' } }, at).id,
      failed('2026-01-01T00:00:00Z'),
      failed('2026-01-01T00:00:01Z'),
      added('cp-1'),
      added('cp-2'),
      controllerRemoved(object, { machine: 'cp-1', replicas: 2 }, at).id,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('of an effect is an audit fact', () => {
    const minted = { tokenId: 'abcdef', role: 'worker', expiresAt: '2026-01-01T00:10:00Z' } as const;
    expect(tokenMinted({ ...object, kind: 'K0sWorkerConfig' }, minted, at).factclass).toBe('audit');
  });
});

describe('parseFact', () => {
  it('reads what was written', () => {
    expect(parseFact(JSON.stringify(reserved))).toEqual(reserved);
  });

  it('lets fields of newer versions pass', () => {
    expect(parseFact(JSON.stringify({ ...reserved, newer: 1 }))).toMatchObject({ newer: 1 });
  });

  it.each(['', '{', 'null', '[]', '"text"', '{}', '{"specversion":"1.0","id":"x","data":{"object":[]}}'])(
    'refuses %j',
    (text) => {
      expect(parseFact(text)).toBeUndefined();
    },
  );
});

describe('factObject', () => {
  const metadata = { name: 'm-0', namespace: 'default', uid: 'u1', resourceVersion: '1', creationTimestamp: '' };

  it('reads the cluster from the label of Cluster API', () => {
    const labels = { 'cluster.x-k8s.io/cluster-name': 'demo' };
    expect(factObject({ apiVersion: 'v1', kind: 'RemoteMachine', metadata: { ...metadata, labels } })).toEqual(object);
  });

  it('leaves the cluster out where there is none', () => {
    expect(factObject({ apiVersion: 'v1', kind: 'RemoteMachine', metadata })).not.toHaveProperty('cluster');
  });
});
