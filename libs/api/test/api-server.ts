import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { toCrd, withConversionWebhook } from '@k0smotron/crd';
import { openLab, startControlPlane, type ControlPlane } from '@k0smotron/lab';
import { createCa, issue } from '@k0smotron/pki';
import { convert } from '../src/conversion/convert.ts';
import type { JsonObject } from '../src/conversion/json.ts';
import { declarations } from '../src/declarations/index.ts';

/** A real API server with our CRDs, converting through our webhook. */
export interface ApiServer {
  readonly controlPlane: ControlPlane;
  /** What `kubectl create` of the CRDs said. */
  readonly created: string;
  /** Writes manifests to a file for kubectl, and gives its path. */
  file(name: string, content: unknown): string;
  close(): Promise<void>;
}

interface ConversionReview extends JsonObject {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly JsonObject[];
  };
}

/** Answers reviews with `convert` alone; the services' own listener is the business of `libs/runtime`. */
async function startConversion() {
  const ca = await createCa({ commonName: 'webhook', years: 1 });
  const { certPem, keyPem } = await issue(ca, {
    commonName: 'webhook',
    ips: ['127.0.0.1'],
    usages: ['server'],
    days: 1,
  });
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void json(request).then((body) => {
      const { apiVersion, kind, request: review } = body as ConversionReview;
      const convertedObjects = review.objects.map((object) => convert(object, review.desiredAPIVersion));
      const answer = { uid: review.uid, result: { status: 'Success' }, convertedObjects };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion, kind, response: answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    clientConfig: { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(ca.certPem).toString('base64') },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Starts everything; about eight seconds. */
export async function startApiServer(): Promise<ApiServer> {
  const lab = await openLab();
  const controlPlane = await startControlPlane(lab);
  const conversion = await startConversion();
  const file = (name: string, content: unknown): string => {
    const path = join(lab.dir, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const items = declarations.map((declaration) => withConversionWebhook(toCrd(declaration), conversion.clientConfig));
  const crds = file('crds.json', { apiVersion: 'v1', kind: 'List', items });
  const created = await controlPlane.kubectl('create', '-f', crds);
  await controlPlane.kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', crds);
  return {
    controlPlane,
    created,
    file,
    close: async () => {
      conversion.close();
      await lab.close();
    },
  };
}

/** The articles' manifests. */
export const articles = (): string => readFileSync(join(import.meta.dirname, 'articles.yaml'), 'utf8');
