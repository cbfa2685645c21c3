import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
  /** The only namespace that the services look at and have rights in; all of them unless given. */
  readonly watched?: string | undefined;
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

/** How one life of a service differs from the others. */
export interface LifeOptions {
  /** On top of what a service gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** False where a service is killed and started at once: each restart would wait 12 s for the lease of the dead one. */
  readonly leaderElect?: boolean;
}

/** Starts a service from its bundle, with its own least-privileged identity, and waits until it is ready. */
export async function startService(
  place: ServicePlace,
  surroundings: Surroundings,
  options: LifeOptions = {},
): Promise<RunningService> {
  const startedAt = performance.now();
  const process_ = await launchService(place, surroundings, options);
  await eventually(() => ready(place, process_), {
    timeoutMs: 20_000,
    everyMs: 20,
    what: `${place.name} to be ready`,
  });
  return { ...place, process: process_, readyAfterMs: performance.now() - startedAt };
}

/** Starts the process of a service and returns at once: one that a harness kills may never be ready. */
export async function launchService(
  place: ServicePlace,
  { lab, kube, controlPlane, nats, watched }: Surroundings,
  { env = {}, leaderElect = true }: LifeOptions = {},
): Promise<LabProcess> {
  const kubeconfig = `${place.certDir}/kubeconfig`;
  if (!existsSync(kubeconfig)) {
    const { url: server, caPem } = controlPlane;
    await serviceKubeconfig(kube, place.name, kubeconfig, { server, caPem, watched });
  }
  return startProcess(lab, {
    name: place.name,
    command: process.execPath,
    args: [
      '--max-semi-space-size=2',
      bundleOf(place.name),
      ...(leaderElect ? ['--leader-elect', `--leader-elect-namespace=${systemNamespace}`] : []),
      `--kubeconfig=${kubeconfig}`,
      `--webhook-port=${place.webhookPort}`,
      `--webhook-cert-dir=${place.certDir}`,
      `--health-addr=127.0.0.1:${place.healthPort}`,
      `--diagnostics-address=127.0.0.1:${place.diagnosticsPort}`,
      '--insecure-diagnostics',
      ...(nats ? [`--nats-url=${nats.url}`] : []),
      ...(watched === undefined ? [] : [`--namespace=${watched}`]),
      '-v=4',
    ],
    env: {
      ...withoutOurVariables(),
      POD_NAMESPACE: systemNamespace,
      NODE_OPTIONS: '',
      // glibc otherwise keeps an arena per thread: about 8 MB less, measured. The images set it too.
      MALLOC_ARENA_MAX: '1',
      ...env,
    },
  });
}

/** What is meant for lab and tests: a service refuses variables of our prefix that it does not know. */
const withoutOurVariables = (): Record<string, undefined> =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('K0SMOTRON_'))
      .map((name) => [name, undefined]),
  );

async function ready({ name, healthPort }: ServicePlace, process_: LabProcess): Promise<void> {
  if (!process_.running()) {
    const said = (await readFile(process_.logPath, 'utf8')).trim().split('\n').slice(-5).join('\n');
    throw new Error(`${name} has ended:\n${said}`);
  }
  const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
  if (!response.ok) throw new Error(`status ${response.status}`);
}
