import { readFile } from 'node:fs/promises';
import type { Kind, KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, parseKubeConfig, type KubeClient, type KubeConfig } from '../src/index.ts';
import { Widget, widgetCrd } from '../testing/index.ts';
import { openLab, startControlPlane, type ControlPlane, type ControlPlaneOptions, type Lab } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';

/** A real API server for the tests of this room. */
export interface ApiServer {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly config: KubeConfig;
  readonly client: KubeClient;
  close(): Promise<void>;
}

/** `v1` ConfigMap. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const ConfigMap: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

const Namespace: Kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

const crdKind: Kind<KubeObject & { spec?: unknown }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

export async function startApiServer(options: ControlPlaneOptions = {}): Promise<ApiServer> {
  const lab = await openLab({ owner: 'process' });
  const controlPlane = await startControlPlane(lab, options);
  const config = await loadKubeConfig({ path: controlPlane.kubeconfigPath });
  const client = connectKube(config);
  return {
    lab,
    controlPlane,
    config,
    client,
    close: async () => {
      await client.close();
      await lab.close();
    },
  };
}

/** Makes a namespace and gives its name. */
export async function makeNamespace({ client }: ApiServer, name: string): Promise<string> {
  await client.apply(Namespace, { metadata: { name } }, { fieldManager: 'test' });
  return name;
}

/** Installs the contract's custom kind and waits until it is served. */
export async function installWidgets({ client }: ApiServer): Promise<void> {
  await client.apply(crdKind, widgetCrd, { fieldManager: 'test' });
  await eventually(() => client.listing(Widget), { what: 'the Widget API' });
}

/** The admin kubeconfig's content. */
export const adminConfig = async (server: ApiServer): Promise<KubeConfig> =>
  parseKubeConfig(await readFile(server.controlPlane.kubeconfigPath, 'utf8'));
