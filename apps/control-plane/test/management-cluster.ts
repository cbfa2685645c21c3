import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Cluster,
  CustomResourceDefinition,
  K0sControllerConfig,
  K0sControlPlane,
  K0smotronControlPlane,
  Machine,
  RemoteMachine,
} from '@k0smotron/api';
import type { Kind } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import {
  claimPort,
  openLab,
  startControlPlane,
  startProcess,
  waitUntil,
  type Lab,
  type LabProcess,
} from '@k0smotron/lab';
import { selfSigned } from '@k0smotron/runtime/testing';
import { eventually } from '@k0smotron/testing';
import { load } from 'js-yaml';

const root = join(import.meta.dirname, '../../..');

/** A real API server without Cluster API and without nodes, on which the service runs as a process of its own. */
export interface ManagementCluster {
  readonly lab: Lab;
  readonly kube: KubeClient;
  readonly service: LabProcess;
  close(): Promise<void>;
}

/** Starts API server, garbage collector and the service, and waits until the service is ready; about 15 s. */
export async function startManagementCluster(): Promise<ManagementCluster> {
  const lab = await openLab();
  const { kubeconfigPath } = await startControlPlane(lab, { controllerManager: true });
  const kube = connectKube(await loadKubeConfig({ path: kubeconfigPath }));
  await installCrds(kube);
  const health = `127.0.0.1:${await claimPort(lab)}`;
  const { certPem, keyPem } = selfSigned();
  writeFileSync(join(lab.dir, 'tls.crt'), certPem);
  writeFileSync(join(lab.dir, 'tls.key'), keyPem, { mode: 0o600 });
  const service = await startProcess(lab, {
    name: 'control-plane-service',
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      join(root, 'apps/control-plane/src/main.ts'),
      `--kubeconfig=${kubeconfigPath}`,
      `--health-addr=${health}`,
      '--diagnostics-address=0',
      `--webhook-port=${await claimPort(lab)}`,
      `--webhook-cert-dir=${lab.dir}`,
    ],
    env: { POD_NAMESPACE: 'default' },
  });
  await waitUntil(
    async () => {
      if (!service.running()) throw new Error('the service has ended: see its log');
      const { ok, status } = await fetch(`http://${health}/readyz`);
      if (!ok) throw new Error(`readiness says ${status}`);
      return true;
    },
    { timeoutMs: 60_000, what: 'a ready service', intervalMs: 250 },
  );
  return {
    lab,
    kube,
    service,
    close: async () => {
      await kube.close();
      await lab.close();
    },
  };
}

/** The kinds that come with Cluster API, without rules: our own with theirs take a busy API server half a minute. */
export async function installClusterApi(kube: KubeClient): Promise<void> {
  const kinds = [Cluster, Machine, RemoteMachine, K0sControllerConfig, K0sControlPlane, K0smotronControlPlane];
  await Promise.all(kinds.map((kind) => install(kube, anythingGoes(kind))));
}

/** Only the kinds that need no Cluster API; objects of the stored version need no conversion. */
async function installCrds(kube: KubeClient): Promise<void> {
  const folder = join(root, 'deploy/providers/control-plane/crds');
  for (const file of (await readdir(folder)).filter((name) => name.startsWith('k0smotron.io_'))) {
    await install(kube, load(await readFile(join(folder, file), 'utf8')) as Definition);
  }
}

type Definition = Pick<CustomResourceDefinition, 'spec'> & { readonly metadata: { readonly name: string } };

async function install(kube: KubeClient, { metadata, spec }: Definition): Promise<void> {
  await kube.apply(CustomResourceDefinition, { metadata, spec }, { fieldManager: 'test' });
  await eventually(
    async () => {
      const { status } = (await kube.get(CustomResourceDefinition, metadata)) ?? {};
      if (!status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'))
        throw new Error('not established');
    },
    { timeoutMs: 60_000, what: metadata.name },
  );
}

function anythingGoes({ group, version, kind, plural }: Kind): Definition {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const versions = [
    { name: version, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema } },
  ];
  const spec = { group, names: { kind, plural }, scope: 'Namespaced', versions };
  return { metadata: { name: `${plural}.${group}` }, spec };
}
