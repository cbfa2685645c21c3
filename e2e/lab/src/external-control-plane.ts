import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { load } from 'js-yaml';

import { binary } from './binaries/binary.ts';
import { run } from './command.ts';
import type { ControlPlane } from './control-plane.ts';
import { LabError } from './lab-error.ts';

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: {
      readonly server: string;
      readonly 'certificate-authority'?: string;
      readonly 'certificate-authority-data'?: string;
    };
  }[];
}

/**
 * A control plane that somebody else runs, for example kind's, by the current context of its kubeconfig. It cannot be
 * restarted or stopped from here.
 * @throws LabError when the kubeconfig names no server.
 */
export function externalControlPlane(kubeconfigPath: string): ControlPlane {
  const path = resolve(kubeconfigPath);
  const config = load(readFileSync(path, 'utf8')) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  if (!cluster) throw new LabError(`${kubeconfigPath}: its current context names no cluster`);
  const { server, 'certificate-authority': caFile, 'certificate-authority-data': caData } = cluster;
  const caPem = caData
    ? Buffer.from(caData, 'base64').toString('utf8')
    : caFile && readFileSync(resolve(dirname(path), caFile), 'utf8');
  if (!caPem) throw new LabError(`${kubeconfigPath}: it holds no certificate authority of ${server}`);
  return {
    url: server,
    kubeconfigPath: path,
    caPem,
    restart: () => Promise.reject(new LabError(`${server} is not ours to restart`)),
    compact: () => Promise.reject(new LabError(`the etcd of ${server} is not ours to compact`)),
    stop: () => Promise.resolve(),
    kubectl: async (...args) => run(await binary('kubectl'), ['--kubeconfig', path, ...args]),
  };
}
