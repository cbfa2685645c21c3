import { CustomResourceDefinition, Cluster, Machine } from '@k0smotron/api';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import {
  externalControlPlane,
  LabError,
  startClusterApi,
  startControlPlane,
  type ControlPlane,
  type Lab,
} from '@k0smotron/lab';
import { crdNames } from './install-crds.ts';
import { pictureOf, takeBack } from './take-back.ts';

/** The API server that a system stands on, made by the lab or given from outside. */
export interface ManagementCluster {
  /** True when it came from outside and outlives the system. */
  readonly given: boolean;
  readonly controlPlane: ControlPlane;
  /** As administrator. */
  readonly kube: KubeClient;
  /** Address of this host at which the API server reaches webhooks. */
  readonly webhookHost: string;
  /** Sees to it that Cluster API core is at work there; a given one keeps the feature gates that it has. */
  ensureCore(featureGates?: Readonly<Record<string, boolean>>): Promise<void>;
  /** To be called when our services have ended: what came to a given cluster goes again. */
  leave(): Promise<void>;
}

/**
 * The management cluster of a system. `K0SMOTRON_E2E_KUBECONFIG` names a given one, which must be able to reach this host
 * at `K0SMOTRON_WEBHOOK_HOST`; else the lab makes one.
 * @throws LabError when a given cluster is in use: only an empty one can be left as it was found.
 */
export async function managementCluster(
  lab: Lab,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ManagementCluster> {
  const given = env['K0SMOTRON_E2E_KUBECONFIG'];
  return given ? givenCluster(lab, given, env['K0SMOTRON_WEBHOOK_HOST']) : ownCluster(lab);
}

async function ownCluster(lab: Lab): Promise<ManagementCluster> {
  const controlPlane = await startControlPlane(lab, { controllerManager: true });
  const kube = await asAdministrator(controlPlane);
  return {
    given: false,
    controlPlane,
    kube,
    webhookHost: '127.0.0.1',
    ensureCore: async (featureGates = {}) => void (await startClusterApi(lab, controlPlane, { featureGates })),
    leave: () => kube.close(),
  };
}

async function givenCluster(lab: Lab, kubeconfig: string, webhookHost: string | undefined): Promise<ManagementCluster> {
  if (!webhookHost) {
    throw new LabError(
      'K0SMOTRON_E2E_KUBECONFIG is set: K0SMOTRON_WEBHOOK_HOST must say at which address that cluster reaches this host',
    );
  }
  const controlPlane = externalControlPlane(kubeconfig);
  const kube = await asAdministrator(controlPlane);
  const hasCore = (await kube.get(CustomResourceDefinition, { name: 'clusters.cluster.x-k8s.io' })) !== undefined;
  await refuseInUse(kube, controlPlane.url, hasCore);
  const before = await pictureOf(kube);
  const undo: (() => Promise<void>)[] = [];
  return {
    given: true,
    controlPlane,
    kube,
    webhookHost,
    async ensureCore(featureGates = {}) {
      if (hasCore) return;
      const core = await startClusterApi(lab, controlPlane, { webhookHost, featureGates });
      undo.push(() => core.uninstall());
    },
    async leave() {
      await takeBack(kube, before);
      for (const step of undo) await step();
      await kube.close();
    },
  };
}

async function refuseInUse(kube: KubeClient, url: string, hasCore: boolean): Promise<void> {
  for (const name of await crdNames()) {
    if (await kube.get(CustomResourceDefinition, { name }))
      throw new LabError(`${url} has ${name} already: give a management cluster without k0smotron`);
  }
  if (!hasCore) return;
  const used = [...(await kube.list(Cluster)), ...(await kube.list(Machine))].length;
  if (used > 0) throw new LabError(`${url} holds ${used} Clusters and Machines: give one that is not in use`);
}

const asAdministrator = async ({ kubeconfigPath }: ControlPlane): Promise<KubeClient> =>
  connectKube(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'e2e' });
