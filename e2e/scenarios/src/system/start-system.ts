import {
  openLab,
  startClusterApi,
  startControlPlane,
  startNats,
  type ControlPlane,
  type Lab,
  type NatsServer,
} from '@k0smotron/lab';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { createCa, issue } from '@k0smotron/pki';
import { installCrds } from './install-crds.ts';
import { installSecretGuards } from './service-account.ts';
import { services } from './services.ts';
import { placeService, startService, type RunningService } from './start-service.ts';

/** A management cluster with Cluster API core, NATS and our four services, all real. */
export interface System {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly nats: NatsServer;
  /** As administrator. */
  readonly kube: KubeClient;
  readonly services: readonly RunningService[];
  close(): Promise<void>;
}

/** How a system is started. */
export interface SystemOptions {
  readonly name?: string;
  /** Stays up after this process. */
  readonly keep?: boolean;
  /** Leave out Cluster API core, for tests that play it themselves. */
  readonly withoutCore?: boolean;
  readonly say?: (line: string) => void;
}

/** Starts everything, about 12 s with binaries at hand. What was started is taken down when anything fails. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { name, keep = false, say = () => undefined } = options;
  const lab = await openLab({ ...(name ? { name } : {}), owner: keep ? 'nobody' : 'process' });
  try {
    return await fill(lab, options, say);
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}

async function fill(lab: Lab, { withoutCore = false }: SystemOptions, say: (line: string) => void): Promise<System> {
  const [controlPlane, nats] = await Promise.all([startControlPlane(lab, { controllerManager: true }), startNats(lab)]);
  say(`API server at ${controlPlane.url}, NATS at ${nats.url}`);
  const kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath, env: {} }), { userAgent: 'e2e' });

  const ca = await createCa({ commonName: 'lab webhooks', years: 1 });
  const certificate = await issue(ca, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    ips: ['127.0.0.1'],
    usages: ['server'],
    days: 300,
  });
  const places = await Promise.all(
    services.map(({ name }) => placeService(lab, name, { ...certificate, caPem: ca.certPem })),
  );
  const webhooks = new Map(
    services.map(({ group }, at) => [
      group,
      { url: `https://127.0.0.1:${places[at]?.webhookPort}/convert`, caPem: ca.certPem },
    ]),
  );
  await installCrds(kube, webhooks);
  await installSecretGuards(kube);
  if (!withoutCore) {
    await startClusterApi(lab, controlPlane);
    say('Cluster API core is ready');
  }
  const running = await Promise.all(places.map((place) => startService(place, { lab, kube, controlPlane, nats })));
  say(
    `Our four services are ready: ${running.map(({ name, readyAfterMs }) => `${name} ${(readyAfterMs / 1000).toFixed(2)} s`).join(', ')}`,
  );
  return {
    lab,
    controlPlane,
    nats,
    kube,
    services: running,
    close: async () => {
      await kube.close();
      await lab.close();
    },
  };
}
