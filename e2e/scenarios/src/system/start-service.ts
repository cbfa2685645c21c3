import { mkdir, writeFile } from 'node:fs/promises';
import { claimPort, startProcess, type ControlPlane, type Lab, type LabProcess, type NatsServer } from '@k0smotron/lab';
import type { KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { bundleOf } from './repository.ts';
import { serviceKubeconfig, systemNamespace } from './service-account.ts';
import type { ServiceName } from './services.ts';

/** Ports and certificate of one service, decided before it starts: CRDs name them. */
export interface ServicePlace {
  readonly name: ServiceName;
  readonly webhookPort: number;
  readonly healthPort: number;
  readonly diagnosticsPort: number;
  readonly certDir: string;
  readonly caPem: string;
}

/** A service of ours, running as it would in a pod. */
export interface RunningService extends ServicePlace {
  readonly process: LabProcess;
  /** Milliseconds from start to ready. */
  readonly readyAfterMs: number;
}

/** What a service is connected to. */
export interface Surroundings {
  readonly lab: Lab;
  readonly kube: KubeClient;
  readonly controlPlane: ControlPlane;
  readonly nats?: NatsServer;
}

/** Claims ports and makes the webhook certificate of a service. */
export async function placeService(
  lab: Lab,
  name: ServiceName,
  certificate: { readonly certPem: string; readonly keyPem: string; readonly caPem: string },
): Promise<ServicePlace> {
  const certDir = `${lab.dir}/services/${name}`;
  await mkdir(certDir, { recursive: true, mode: 0o700 });
  await writeFile(`${certDir}/tls.crt`, certificate.certPem);
  await writeFile(`${certDir}/tls.key`, certificate.keyPem, { mode: 0o600 });
  const [webhookPort, healthPort, diagnosticsPort] = [await claimPort(lab), await claimPort(lab), await claimPort(lab)];
  return { name, webhookPort, healthPort, diagnosticsPort, certDir, caPem: certificate.caPem };
}

/** Starts a service from its bundle, with its own least-privileged identity, and waits until it is ready. */
export async function startService(
  place: ServicePlace,
  { lab, kube, controlPlane, nats }: Surroundings,
): Promise<RunningService> {
  const kubeconfig = `${place.certDir}/kubeconfig`;
  await serviceKubeconfig(kube, place.name, { server: controlPlane.url, caPem: controlPlane.caPem, path: kubeconfig });
  const startedAt = performance.now();
  const process_ = await startProcess(lab, {
    name: place.name,
    command: process.execPath,
    args: [
      '--max-semi-space-size=2',
      bundleOf(place.name),
      '--leader-elect',
      `--leader-elect-namespace=${systemNamespace}`,
      `--kubeconfig=${kubeconfig}`,
      `--webhook-port=${place.webhookPort}`,
      `--webhook-cert-dir=${place.certDir}`,
      `--health-addr=127.0.0.1:${place.healthPort}`,
      `--diagnostics-address=127.0.0.1:${place.diagnosticsPort}`,
      '--insecure-diagnostics',
      ...(nats ? [`--nats-url=${nats.url}`] : []),
      '-v=4',
    ],
    env: { POD_NAMESPACE: systemNamespace, NODE_OPTIONS: '' },
  });
  await eventually(() => ready(place, process_), { timeoutMs: 20_000, everyMs: 20, what: `${place.name} to be ready` });
  return { ...place, process: process_, readyAfterMs: performance.now() - startedAt };
}

async function ready({ name, healthPort }: ServicePlace, process_: LabProcess): Promise<void> {
  if (!process_.running()) throw new Error(`${name} has ended: see ${process_.logPath}`);
  const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
  if (!response.ok) throw new Error(`status ${response.status}`);
}
