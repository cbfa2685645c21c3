import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kind, KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import {
  claimPort,
  openLab,
  startControlPlane,
  startProcess,
  type ControlPlane,
  type Lab,
  type LabProcess,
} from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { ConfigMap } from './toy-controller.ts';

const Lease: Kind<KubeObject & { spec?: { holderIdentity?: string; leaseTransitions?: number } }> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
const Event: Kind<KubeObject & { reason?: string; regarding?: { name?: string } }> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};
const namespace = 'default';

interface Replica {
  readonly name: string;
  readonly process: LabProcess;
  readonly health: string;
}

let lab: Lab;
let controlPlane: ControlPlane;
let kube: KubeClient;
let replicas: Replica[] = [];
let made = 0;

beforeAll(async () => {
  lab = await openLab();
  controlPlane = await startControlPlane(lab);
  kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath }));
});
afterAll(async () => {
  await kube?.close();
  await lab?.close();
});

async function startReplica(): Promise<Replica> {
  const name = `toy-${(made += 1)}`;
  const port = await claimPort(lab);
  const process_ = await startProcess(lab, {
    name,
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'toy-service.ts'),
      '--leader-elect',
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
      `--health-addr=127.0.0.1:${port}`,
      '--diagnostics-address=0',
    ],
    env: { POD_NAME: name, POD_NAMESPACE: namespace },
  });
  const replica = { name, process: process_, health: `http://127.0.0.1:${port}` };
  replicas = [...replicas, replica];
  await eventually(async () => expect((await fetch(`${replica.health}/readyz`)).status).toBe(200), {
    what: `${name} ready`,
  });
  return replica;
}

async function leader(): Promise<Replica> {
  return eventually(
    async () => {
      const lease = await kube.get(Lease, { namespace, name: 'k0smotron-toy' });
      const found = replicas.find(({ name }) => lease?.spec?.holderIdentity?.startsWith(`${name}_`));
      if (!found?.process.running()) throw new Error('nobody leads');
      return found;
    },
    { timeoutMs: 30_000 },
  );
}

const makeParent = (name: string, data: Record<string, string> = {}): Promise<ConfigMap> =>
  kube.create(ConfigMap, { metadata: { name, namespace, labels: { toy: 'parent' } }, data });

const childrenOf = (name: string): Promise<ConfigMap[]> =>
  kube.list(ConfigMap, { namespace, labelSelector: `toy=child,parent=${name}` });

const waitForChild = (name: string, timeoutMs = 30_000): Promise<ConfigMap> =>
  eventually(
    async () => {
      const [child] = await childrenOf(name);
      if (!child) throw new Error(`${name} has no child`);
      return child;
    },
    { timeoutMs, everyMs: 20 },
  );

async function eventOf(name: string, reason: string): Promise<void> {
  const events = await kube.list(Event, { namespace });
  const found = events.filter((event) => event.reason === reason && event.regarding?.name === name);
  expect(found).toHaveLength(1);
}

/** How long from now until a new parent has its child. */
async function secondsToServe(name: string): Promise<number> {
  const startedMs = performance.now();
  await makeParent(name);
  await waitForChild(name);
  return (performance.now() - startedMs) / 1000;
}

describe('two replicas on a real API server', () => {
  it('serve 50 new objects once each, by one of them', async () => {
    await Promise.all([startReplica(), startReplica()]);
    const leading = await leader();
    const names = Array.from({ length: 50 }, (_, index) => `burst-${index}`);
    await Promise.all(names.map((name) => makeParent(name)));
    for (const name of names) {
      const child = await waitForChild(name);
      expect(child.data?.['holder']).toBe(leading.name);
    }
    const all = await kube.list(ConfigMap, { namespace, labelSelector: 'toy=child' });
    expect(all).toHaveLength(50);
  });

  it('tell what they did by Events', async () => {
    await eventually(() => eventOf('burst-7', 'ChildMade'));
  });

  it('go on after a restart of the API server', async () => {
    await controlPlane.restart();
    expect(await secondsToServe('after-restart')).toBeLessThan(30);
    expect(await childrenOf('after-restart')).toHaveLength(1);
  });

  it('hand over in 2 s when the leader is stopped', async () => {
    if (replicas.filter((replica) => replica.process.running()).length < 2) await startReplica();
    const leading = await leader();
    const stoppedMs = performance.now();
    const stopped = leading.process.stop('SIGTERM');
    const seconds = await secondsToServe('after-stop');
    await stopped;
    const { code } = await leading.process.exited;
    console.log(
      `graceful hand-over: served after ${seconds.toFixed(2)} s, process gone after ${((performance.now() - stoppedMs) / 1000).toFixed(2)} s`,
    );
    expect(code).toBe(0);
    expect((await waitForChild('after-stop')).data?.['holder']).not.toBe(leading.name);
    expect(seconds).toBeLessThan(2.5);
  });

  it('hand over in 15 s when the leader is killed', async () => {
    await startReplica();
    const leading = await leader();
    process.kill(leading.process.pid, 'SIGKILL');
    const seconds = await secondsToServe('after-kill');
    console.log(`crash hand-over: served after ${seconds.toFixed(2)} s`);
    expect((await waitForChild('after-kill')).data?.['holder']).not.toBe(leading.name);
    expect(seconds).toBeLessThan(15.5);
  });

  it('never let a paused leader write after its time', async () => {
    await startReplica();
    const leading = await leader();
    await makeParent('paused', { slow: 'yes' });
    await eventually(() => eventOf('paused', 'SlowBegun'));
    process.kill(leading.process.pid, 'SIGSTOP');
    const child = await waitForChild('paused', 40_000);
    expect(child.data?.['holder']).not.toBe(leading.name);
    process.kill(leading.process.pid, 'SIGCONT');
    const { code } = await leading.process.exited;
    expect(code).toBe(1);
    expect((await childrenOf('paused')).map(({ data }) => data?.['holder'])).toEqual([child.data?.['holder']]);
    const transitions = Number(child.data?.['epoch']?.split('/')[1]);
    expect(transitions).toBeGreaterThan(2);
  }, 180_000);
});
