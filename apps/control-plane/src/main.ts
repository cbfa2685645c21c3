import { convert } from '@k0smotron/api';
import { openAudit } from '@k0smotron/audit';
import { connectBus } from '@k0smotron/bus';
import { connectKube, loadKubeConfig, WorkloadClusters } from '@k0smotron/kube';
import { natsOptions, ownNamespace, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { admission } from './admission/webhooks.ts';
import { controllers } from './controllers.ts';
import { dialEtcd } from './hosted/etcd-members.ts';
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
          dialEtcd,
          reach,
        }),
        webhooks: { convert, admit: admission },
        effects: [audit.run],
        signal,
      });
    } finally {
      await Promise.allSettled([hosts.close(), bus.close(), workloads.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
