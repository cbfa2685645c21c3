import { convert, convertedKinds } from '@k0smotron/api';
import { openAudit } from '@k0smotron/audit';
import { connectBus } from '@k0smotron/bus';
import { systemClock } from '@k0smotron/core';
import { connectKube, KubeconfigClients, loadKubeConfig, WorkloadClusters } from '@k0smotron/kube';
import { createCa, issue } from '@k0smotron/pki';
import { natsOptions, ownNamespace, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { admission } from './admission/webhooks.ts';
import { controllers } from './controllers.ts';
import { dialEtcd } from './hosted/etcd-members.ts';
import { HostingClusters } from './hosted/hosting-clusters.ts';
import { HostedMemories } from './hosted/memory.ts';
import { reach } from './hosted/reach.ts';
import { ControllerHosts } from './hosts/controller-hosts.ts';
import { PlaneMemories } from './memory.ts';

void runService({
  name: 'control-plane',
  async main(config, signal) {
    const telemetry = createTelemetry({ service: 'control-plane', verbosity: config.verbosity });
    const { logger, meter } = telemetry;
    const kubeConfig = await loadKubeConfig({ path: config.kubeconfig, env: config.env });
    const kube = connectKube(kubeConfig, { userAgent: 'k0smotron-control-plane', logger, meter });
    const bus = await connectBus({ ...natsOptions(config), name: 'control-plane', logger, meter });
    const audit = openAudit({ service: 'control-plane', namespace: ownNamespace(config), bus, logger, meter });
    const workloads = new WorkloadClusters({ management: kube, logger });
    const hostingClients = new KubeconfigClients({ management: kube, logger, userAgent: 'k0smotron-control-plane' });
    const hosting = new HostingClusters({ clients: hostingClients, clock: systemClock, logger });
    const hosts = new ControllerHosts(logger);
    try {
      await runManager({
        config,
        kube,
        telemetry,
        controllers: controllers({
          workloads,
          hosts,
          bus,
          audit: audit.audit,
          memories: new PlaneMemories(),
          hosted: new HostedMemories(),
          hosting,
          dialEtcd,
          reach,
        }),
        webhooks: {
          convert,
          converts: convertedKinds('controlplane.cluster.x-k8s.io', 'k0smotron.io'),
          admit: admission,
        },
        pki: { createCa, issue },
        effects: [audit.run],
        signal,
      });
    } finally {
      hosting.close();
      await Promise.allSettled([hosts.close(), bus.close(), workloads.close(), hostingClients.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
