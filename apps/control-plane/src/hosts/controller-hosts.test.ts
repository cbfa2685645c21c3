import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { annotations, PooledRemoteMachine, type RemoteMachine } from '@k0smotron/api';
import type { ObjectKey } from '@k0smotron/core';
import { fakeKube } from '@k0smotron/kube/testing';
import { startFakeHost, type FakeHost } from '@k0smotron/ssh/testing';
import { noSignal } from '../../testing/a-plane.ts';
import { ControllerHosts } from './controller-hosts.ts';

describe('sessions to hosts of a pool', () => {
  let host: FakeHost;
  const hosts = new ControllerHosts();
  const plane = { namespace: 'ns', name: 'plane' };

  const pooled = (pin: string) => ({
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'PooledRemoteMachine',
    metadata: { namespace: 'ns', name: 'pool-1', annotations: { [annotations.sshHostKey]: pin } },
  });
  const world = () => {
    const key = Buffer.from(host.privateKey).toString('base64');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'ns', name: 'key' },
      data: { value: key },
    };
    const kube = fakeKube({ objects: [secret, pooled(host.hostKey)] as never });
    const remote = {
      metadata: { namespace: 'ns', name: 'm', uid: 'u', annotations: { [annotations.pooledMachine]: 'pool-1' } },
      spec: { address: host.host, port: host.port, user: host.user, sshKeyRef: { name: 'key' } },
    } as unknown as RemoteMachine;
    return { kube, session: () => hosts.session({ kube, key: plane }, remote, noSignal) };
  };

  beforeEach(async () => void (host = await startFakeHost()));
  afterEach(async () => {
    await hosts.close();
    await host.stop();
  });

  it('are kept without a request to Kubernetes', async () => {
    const { kube, session } = world();
    const first = await session();
    const asked = kube.calls.length;
    expect(await session()).toBe(first);
    expect(kube.calls.length).toBe(asked);
  });

  it('wake their control plane when they break, and not when we end them', async () => {
    const woken: ObjectKey[] = [];
    const stop = hosts.source((key) => woken.push(key));
    const { session } = world();
    const ended = await session();
    await hosts.forget('u');
    await ended.closed;
    expect(woken).toEqual([]);

    const broken = await session();
    expect(hosts.isOpen('u')).toBe(true);
    await host.stop();
    await broken.closed;
    expect(woken).toEqual([plane]);
    expect(hosts.isOpen('u')).toBe(false);
    stop();
  });

  it('are opened against the pin of that moment', async () => {
    const { kube, session } = world();
    await session();
    await hosts.forget('u');
    const body = pooled('SHA256:of-another-host').metadata;
    await kube.patch(
      PooledRemoteMachine,
      { namespace: 'ns', name: 'pool-1' },
      { type: 'merge', body: { metadata: body } },
    );
    await expect(session()).rejects.toMatchObject({ name: 'HostKeyChangedError' });
  });
});
