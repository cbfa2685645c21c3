import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { Secret } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import { serveEtcd } from '@k0smotron/etcd/testing/serve-etcd';
import type { KubeClient } from '@k0smotron/kube';
import { issue } from '@k0smotron/pki';

const named = <T extends KubeObject>(group: string, kind: string, plural: string): Kind<T> => ({
  ...{ group, version: 'v1', kind, plural, namespaced: true },
});

/** core/v1 Pod. */
const Pod = named<KubeObject & { readonly spec?: object; readonly status?: object }>('', 'Pod', 'pods');

/** apps/v1 StatefulSet. */
export const StatefulSet = named<KubeObject>('apps', 'StatefulSet', 'statefulsets');

/** Selects what hosted planes are made of. */
export const ofPlanes = { labelSelector: 'app=k0smotron' };

/** Where the only pods of a plane are: an address of the loopback network for each. */
export const addressOf = (at: number): string => `127.77.${at >> 8}.${at & 255}`;

/** Port of every plane's API. */
export const apiPort = 30443;

/** Port of every plane's konnectivity. */
export const konnectivityPort = 30132;

/** The original's; ours dial it at the pod's address. */
const etcdPort = 2379;

/**
 * Plays StatefulSet controller, kubelet, etcd and API server for planes of one pod each, in this process: no lab has room for
 * a hundred real ones. What services see of it is real: pods that are ready, an etcd of one healthy member and an API that
 * answers, both over TLS under the plane's own authorities. Ends with the signal.
 */
export async function playPlanes(kube: KubeClient, numbers: ReadonlyMap<string, number>, signal: AbortSignal) {
  const closing = new Map<string, () => void>();
  const playNew = async (set: KubeObject): Promise<void> => {
    const { cluster = '', component } = set.metadata.labels ?? {};
    const at = numbers.get(cluster);
    if (at === undefined || closing.has(set.metadata.uid)) return;
    const address = addressOf(at);
    closing.set(set.metadata.uid, await (component === 'etcd' ? playEtcd : playApi)(kube, cluster, address));
    await runPod(kube, set, address);
  };
  try {
    while (!signal.aborted) {
      for (const set of await kube.list(StatefulSet, ofPlanes)) await playNew(set);
      await delay(250, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const close of closing.values()) close();
  }
}

async function runPod(kube: KubeClient, { metadata }: KubeObject, address: string): Promise<void> {
  const { namespace = '', name, uid, labels: { cluster, component } = {} } = metadata;
  const key = { namespace, name: `${name}-0` };
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true };
  const container = component === 'etcd' ? 'etcd' : 'controller';
  await kube.create(Pod, {
    metadata: { ...key, labels: { app: 'k0smotron', cluster, component }, ownerReferences: [owner] } as never,
    spec: { containers: [{ name: container, image: 'played:v1.34.4-k0s.0' }], schedulerName: 'nobody' },
  });
  const status = { podIP: address, podIPs: [{ ip: address }], conditions: [{ type: 'Ready', status: 'True' }] };
  await kube.patch(Pod, key, { type: 'merge', body: { status } }, { subresource: 'status' });
}

async function playEtcd(kube: KubeClient, cluster: string, host: string): Promise<() => void> {
  const [authority, pair] = await Promise.all([
    pairOf(kube, `${cluster}-etcd`),
    pairOf(kube, `${cluster}-etcd-server`),
  ]);
  const name = `kmc-${cluster}-etcd-0`;
  const peerUrl = `https://${name}.kmc-${cluster}-etcd.${namespace}.svc:2380`;
  const tls = { ...pair, caPem: authority.certPem };
  const served = await serveEtcd({ host, port: etcdPort, tls, name, peerUrl });
  return () => served.close();
}

/** An API with a namespace kube-system and a DaemonSet of konnectivity's agents without nodes, and konnectivity's port. */
async function playApi(kube: KubeClient, cluster: string, host: string): Promise<() => void> {
  const authority = await pairOf(kube, `${cluster}-ca`);
  const { certPem: cert, keyPem: key } = await issue(authority, {
    ...{ commonName: 'played-apiserver', ips: [host], usages: ['server'], days: 1 },
  });
  const tls = { cert, key, ca: authority.certPem, requestCert: true };
  const servers = [apiPort, konnectivityPort].map((port) => createServer(tls, answerAs(cluster)).listen(port, host));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return () => servers.forEach((server) => server.close());
}

function answerAs(cluster: string): RequestListener {
  const there: Readonly<Record<string, object>> = {
    '/api/v1/namespaces/kube-system': { kind: 'Namespace', metadata: { name: 'kube-system', uid: cluster } },
    '/apis/apps/v1/namespaces/kube-system/daemonsets/konnectivity-agent': {
      ...{ kind: 'DaemonSet', metadata: { name: 'konnectivity-agent' }, status: {} },
    },
  };
  const missing = { apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 };
  return ({ url = '' }, response) => {
    const found = there[url];
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? missing));
  };
}

/** Namespace of all planes of a bench. */
export const namespace = 'default';

async function pairOf(kube: KubeClient, name: string): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const data = (await kube.get(Secret, { namespace, name }))?.data ?? {};
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  return { certPem: text('tls.crt'), keyPem: text('tls.key') };
}
