import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { binary } from './binaries/binary.ts';
import { claimPort } from './claims.ts';
import { run } from './command.ts';
import { writeFiles, type ControlPlaneFiles } from './control-plane-files.ts';
import { startControllerManager } from './controller-manager.ts';
import { probe } from './http-probe.ts';
import type { Lab } from './lab.ts';
import type { LabProcess } from './start-process.ts';
import { assertRunning, startProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** A real Kubernetes API without nodes. */
export interface ControlPlane {
  readonly url: string;
  /** For a user in `system:masters`. */
  readonly kubeconfigPath: string;
  readonly caPem: string;
  /** Ends the API server and starts it again on the same port and data; etcd goes on. */
  restart(): Promise<void>;
  /** Makes etcd forget every revision but the newest. A watch cache may still know them. */
  compact(): Promise<void>;
  stop(): Promise<void>;
  /** Runs kubectl as administrator and returns its output. */
  kubectl(...args: string[]): Promise<string>;
}

/** What a control plane has besides etcd and the API server. */
export interface ControlPlaneOptions {
  /** Garbage collection by owner, namespaces that end, service accounts. */
  readonly controllerManager?: boolean;
  /** Address of this host that the API server listens on and is reached at; loopback unless given. */
  readonly listenOn?: string;
  /** Further flags of kube-apiserver, without dashes. */
  readonly flags?: Readonly<Record<string, string>>;
}

/**
 * Starts etcd and kube-apiserver (Node and RBAC authorisation, bootstrap tokens, default admission) and waits until
 * the API is ready, about six seconds. A lab can have several.
 * @throws LabError with the end of the log of the part that did not come up.
 */
export async function startControlPlane(lab: Lab, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { controllerManager = false, listenOn = '127.0.0.1', flags = {} } = options;
  const [etcdBinary, apiServerBinary] = [await binary('etcd'), await binary('kube-apiserver')];
  const name = freeName(lab, 'control-plane');
  const suffix = name.slice('control-plane'.length);
  const port = await claimPort(lab);
  const host = listenOn === '0.0.0.0' ? '127.0.0.1' : listenOn;
  const url = `https://${host}:${port}`;
  const { files, caPem, ready } = await writeFiles(join(lab.dir, name), url, host);

  const { etcd, etcdUrl } = await startEtcd(lab, etcdBinary, {
    name: `etcd${suffix}`,
    dataDir: join(files.dir, 'etcd'),
  });
  const startApiServer = async (): Promise<LabProcess> => {
    const process = await startProcess(lab, {
      name: `kube-apiserver${suffix}`,
      command: apiServerBinary,
      args: asFlags({ ...apiServerFlags(files, { etcdUrl, listenOn, host, port }), ...flags }),
    });
    await waitUntil(() => (assertRunning(process), ready()), { what: `the API server at ${url}` });
    return process;
  };
  let apiServer = await startApiServer();
  const manager = controllerManager
    ? await startControllerManager(lab, files, `kube-controller-manager${suffix}`)
    : undefined;

  return {
    url,
    kubeconfigPath: files.kubeconfigPath,
    caPem,
    async restart() {
      await apiServer.stop();
      apiServer = await startApiServer();
    },
    compact: () => compactEtcd(etcdUrl),
    async stop() {
      await manager?.stop();
      await apiServer.stop();
      await etcd.stop();
    },
    kubectl: async (...args) => run(await binary('kubectl'), ['--kubeconfig', files.kubeconfigPath, ...args]),
  };
}

async function startEtcd(
  lab: Lab,
  command: string,
  { name, dataDir }: { readonly name: string; readonly dataDir: string },
): Promise<{ etcd: LabProcess; etcdUrl: string }> {
  const client = `http://127.0.0.1:${await claimPort(lab)}`;
  const peer = `http://127.0.0.1:${await claimPort(lab)}`;
  const args = asFlags({
    name: 'lab',
    'data-dir': dataDir,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `lab=${peer}`,
    'unsafe-no-fsync': 'true', // a lab's data need not outlive its host
    'log-level': 'warn',
  });
  const etcd = await startProcess(lab, { name, command, args });
  const healthy = async (): Promise<boolean> => (await probe(`${client}/health`)).status === 200;
  await waitUntil(() => (assertRunning(etcd), healthy()), { what: 'etcd', timeoutMs: 30_000 });
  return { etcd, etcdUrl: client };
}

async function compactEtcd(etcdUrl: string): Promise<void> {
  const etcdctl = async (...args: string[]): Promise<string> =>
    run(await binary('etcdctl'), ['--endpoints', etcdUrl, ...args]);
  const [at] = JSON.parse(await etcdctl('endpoint', 'status', '--write-out=json')) as [
    { readonly Status: { readonly header: { readonly revision: number } } },
  ];
  await etcdctl('compaction', String(at.Status.header.revision));
}

const asFlags = (flags: Readonly<Record<string, string>>): string[] =>
  Object.entries(flags).map(([key, value]) => `--${key}=${value}`);

function apiServerFlags(
  files: ControlPlaneFiles,
  at: { readonly etcdUrl: string; readonly listenOn: string; readonly host: string; readonly port: number },
): Readonly<Record<string, string>> {
  return {
    'etcd-servers': at.etcdUrl,
    'bind-address': at.listenOn,
    'advertise-address': at.host,
    'secure-port': String(at.port),
    'tls-cert-file': files.serverCertPath,
    'tls-private-key-file': files.serverKeyPath,
    'client-ca-file': files.caPath,
    'authorization-mode': 'Node,RBAC',
    'enable-bootstrap-token-auth': 'true',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': files.serviceAccountPublicPath,
    'service-account-signing-key-file': files.serviceAccountKeyPath,
    'service-cluster-ip-range': '10.96.0.0/16',
    'allow-privileged': 'true',
    // Endpoints must not hold loopback addresses; nothing in a lab reaches the API through its Service.
    'endpoint-reconciler-type': 'none',
    // Ends at once when asked: nobody balances load in front of it.
    'shutdown-delay-duration': '0s',
    profiling: 'false',
  };
}

/** `name`, or with a number when the lab has one already. */
function freeName(lab: Lab, name: string): string {
  let free = name;
  for (let number = 2; existsSync(join(lab.dir, free)); number += 1) free = `${name}-${number}`;
  mkdirSync(join(lab.dir, free), { mode: 0o700 });
  return free;
}
