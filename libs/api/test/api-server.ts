import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger, silentMeter, systemClock } from '@k0smotron/core';
import { toCrd, withConversionWebhook } from '@k0smotron/crd';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { openLab, startControlPlane, type ControlPlane } from '@k0smotron/lab';
import { createCa, issue } from '@k0smotron/pki';
import { startWebhookServer } from '@k0smotron/runtime';
import { convert } from '../src/conversion/convert.ts';
import { declarations } from '../src/declarations/index.ts';

/** A real API server with our CRDs, converting through our webhook. */
export interface ApiServer {
  readonly controlPlane: ControlPlane;
  readonly kube: KubeClient;
  /** What `kubectl create` of the CRDs said. */
  readonly created: string;
  /** Writes manifests to a file for kubectl, and gives its path. */
  file(name: string, content: unknown): string;
  close(): Promise<void>;
}

async function startConversion(dir: string) {
  const ca = await createCa({ commonName: 'webhook', years: 1 });
  const pair = await issue(ca, { commonName: 'webhook', ips: ['127.0.0.1'], usages: ['server'], days: 1 });
  mkdirSync(dir);
  writeFileSync(join(dir, 'tls.crt'), pair.certPem);
  writeFileSync(join(dir, 'tls.key'), pair.keyPem, { mode: 0o600 });
  const files = { dir, certName: 'tls.crt', keyName: 'tls.key' };
  const ports = { clock: systemClock, logger: silentLogger, meter: silentMeter };
  const server = await startWebhookServer({ handlers: { convert }, files, port: 0, ...ports });
  const caBundle = Buffer.from(ca.certPem).toString('base64');
  return { server, clientConfig: { url: `https://127.0.0.1:${server.port}/convert`, caBundle } };
}

/** Starts everything; about eight seconds. */
export async function startApiServer(): Promise<ApiServer> {
  const lab = await openLab();
  const controlPlane = await startControlPlane(lab);
  const { server, clientConfig } = await startConversion(join(lab.dir, 'webhook-certs'));
  const kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath }));
  const file = (name: string, content: unknown): string => {
    const path = join(lab.dir, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const items = declarations.map((declaration) => withConversionWebhook(toCrd(declaration), clientConfig));
  const crds = file('crds.json', { apiVersion: 'v1', kind: 'List', items });
  const created = await controlPlane.kubectl('create', '-f', crds);
  await controlPlane.kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', crds);
  return {
    controlPlane,
    kube,
    created,
    file,
    close: async () => {
      await kube.close();
      await server.close();
      await lab.close();
    },
  };
}

/** The articles' manifests. */
export const articles = (): string => readFileSync(join(import.meta.dirname, 'articles.yaml'), 'utf8');
