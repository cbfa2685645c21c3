/** A process of a kept demo: the endpoint of its control plane, and the k0s that its machines download. */
import { serveFolder } from '@k0smotron/lab';
import { startLoadBalancer } from '../system/load-balancer.ts';

interface Served {
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly downloadURL: string;
  readonly folder: string;
  readonly backends: readonly string[];
}

const { endpoint, downloadURL, folder, backends } = JSON.parse(process.argv[2] ?? '') as Served;
const { hostname, port } = new URL(downloadURL);
(await startLoadBalancer(endpoint.host, endpoint.port)).setBackends(backends);
await serveFolder(folder, { host: hostname, port: Number(port) });
