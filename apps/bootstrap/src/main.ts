import { convert, convertedKinds } from '@k0smotron/api';
import { openAudit } from '@k0smotron/audit';
import { connectBus } from '@k0smotron/bus';
import { connectKube, loadKubeConfig, WorkloadClusters } from '@k0smotron/kube';
import { NodeWatches } from '@k0smotron/node-identity';
import { createCa, issue } from '@k0smotron/pki';
import { natsOptions, ownNamespace, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { admission } from './admission/webhooks.ts';
import { controllers } from './controllers.ts';
import { TokenMemory } from './tokens/token-memory.ts';

void runService({
  name: 'bootstrap',
  async main(config, signal) {
    const telemetry = createTelemetry({ service: 'bootstrap', verbosity: config.verbosity });
    const { logger, meter } = telemetry;
    const kubeConfig = await loadKubeConfig({ path: config.kubeconfig, env: config.env });
    const kube = connectKube(kubeConfig, { userAgent: 'k0smotron-bootstrap', logger, meter });
    const bus = await connectBus({ ...natsOptions(config), name: 'bootstrap', logger, meter });
    const audit = openAudit({ service: 'bootstrap', namespace: ownNamespace(config), bus, logger, meter });
    const workloads = new WorkloadClusters({ management: kube, logger });
    const nodes = new NodeWatches(logger);
    try {
      await runManager({
        config,
        kube,
        telemetry,
        controllers: controllers({
          workloads,
          nodes,
          bus,
          audit: audit.audit,
          tokens: new TokenMemory(),
          owned: new Set(),
        }),
        webhooks: { convert, converts: convertedKinds('bootstrap.cluster.x-k8s.io'), admit: admission },
        pki: { createCa, issue },
        effects: [audit.run],
        signal,
      });
    } finally {
      nodes.close();
      await Promise.allSettled([bus.close(), workloads.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
