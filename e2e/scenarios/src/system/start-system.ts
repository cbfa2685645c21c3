import { isIP } from 'node:net';
import { openLab, startNats, type ControlPlane, type Lab, type NatsServer } from '@k0smotron/lab';
import type { KubeClient } from '@k0smotron/kube';
import { createCa, issue } from '@k0smotron/pki';
import { installCrds } from './install-crds.ts';
import { installWebhooks, inUrl } from './install-webhooks.ts';
import { managementCluster, type ManagementCluster } from './management-cluster.ts';
import { installSecretGuards } from './service-account.ts';
import { services } from './services.ts';
import { placeService, startService, type RunningService, type ServicePlace } from './start-service.ts';

/** A management cluster with Cluster API core, NATS and our four services, all real. */
export interface System {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly nats: NatsServer;
  /** As administrator. */
  readonly kube: KubeClient;
  readonly services: readonly RunningService[];
  /** The only namespace that the services look at, if they were started so. */
  readonly watched?: string | undefined;
  close(): Promise<void>;
}

/** How a system is started. */
export interface SystemOptions {
  readonly name?: string;
  /** Stays up after this process. */
  readonly keep?: boolean;
  /** Leave out Cluster API core, for tests that play it themselves. */
  readonly withoutCore?: boolean;
  /** Feature gates of Cluster API core, beyond its defaults. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Leave out the registration of our admission webhooks, for objects from before it, or of services that are down. */
  readonly withoutAdmission?: boolean;
  /** The services look at this namespace only and have rights in no other, as with the component `namespaced`. */
  readonly watched?: string;
  readonly say?: (line: string) => void;
}

/**
 * Starts everything, about 12 s with binaries at hand. What was started is taken down when anything fails. With
 * `K0SMOTRON_E2E_KUBECONFIG` it stands on a given management cluster (management-cluster.ts).
 */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { name, keep = false, say = () => undefined } = options;
  const lab = await openLab({ ...(name ? { name } : {}), owner: keep ? 'nobody' : 'process' });
  try {
    const [cluster, nats] = await Promise.all([managementCluster(lab), startNats(lab)]);
    say(`API server at ${cluster.controlPlane.url}, NATS at ${nats.url}`);
    try {
      return await fill({ lab, nats, cluster }, options, say);
    } catch (cause) {
      await cluster.leave();
      throw cause;
    }
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}

interface Ground {
  readonly lab: Lab;
  readonly nats: NatsServer;
  readonly cluster: ManagementCluster;
}

async function fill(
  { lab, nats, cluster }: Ground,
  { withoutCore = false, withoutAdmission = false, featureGates, watched }: SystemOptions,
  say: (line: string) => void,
): Promise<System> {
  const { controlPlane, kube, webhookHost } = cluster;
  const places = await makePlaces(lab, webhookHost);
  const webhooks = new Map(
    services.flatMap(({ groups }, at) => {
      const { webhookPort, caPem = '' } = places[at] ?? {};
      const webhook = { url: `https://${inUrl(webhookHost)}:${webhookPort}/convert`, caPem };
      return groups.map((group) => [group, webhook] as const);
    }),
  );
  await installCrds(kube, webhooks);
  await installSecretGuards(kube);
  if (!withoutCore) {
    await cluster.ensureCore(featureGates);
    say('Cluster API core is ready');
  }
  const surroundings = { lab, kube, controlPlane, nats, watched };
  const running = await Promise.all(places.map((place) => startService(place, surroundings)));
  say(
    `Our four services are ready: ${running.map(({ name, readyAfterMs }) => `${name} ${(readyAfterMs / 1000).toFixed(2)} s`).join(', ')}`,
  );
  if (!withoutAdmission) await installWebhooks(kube, places, webhookHost);
  return {
    ...surroundings,
    services: running,
    close: async () => {
      // On a given cluster nobody must act any more while it is emptied; ours goes as a whole.
      if (cluster.given) await Promise.all(running.map(({ process }) => process.stop()));
      await cluster.leave();
      await lab.close();
    },
  };
}

/** Ports and webhook certificates of all services, under one authority. */
async function makePlaces(lab: Lab, webhookHost: string): Promise<ServicePlace[]> {
  const ca = await createCa({ commonName: 'lab webhooks', years: 1 });
  const address = isIP(webhookHost) !== 0;
  const certificate = await issue(ca, {
    commonName: 'localhost',
    dnsNames: ['localhost', ...(address ? [] : [webhookHost])],
    ips: ['127.0.0.1', ...(address && webhookHost !== '127.0.0.1' ? [webhookHost] : [])],
    usages: ['server'],
    days: 300,
  });
  return Promise.all(services.map(({ name }) => placeService(lab, name, { ...certificate, caPem: ca.certPem })));
}
