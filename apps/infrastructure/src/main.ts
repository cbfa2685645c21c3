import { convert, convertedKinds } from '@k0smotron/api';
import { openAudit } from '@k0smotron/audit';
import { connectBus } from '@k0smotron/bus';
import { systemClock } from '@k0smotron/core';
import { connectKube, loadKubeConfig, WorkloadClusters } from '@k0smotron/kube';
import { NodeWatches } from '@k0smotron/node-identity';
import { createCa, issue } from '@k0smotron/pki';
import { integerFlag, JobPool, natsOptions, ownNamespace, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { admission } from './admission/webhooks.ts';
import { controllers } from './controllers.ts';
import { HostWork } from './hosts/host-work.ts';

const flags = {
  hostJobs: integerFlag('host-jobs', 50, 'Hosts that are worked on over SSH at once.', { min: 1, max: 1000 }),
};

void runService({
  name: 'infrastructure',
  flags,
  async main(config, signal) {
    const telemetry = createTelemetry({ service: 'infrastructure', verbosity: config.verbosity });
    const { logger, meter } = telemetry;
    const kubeConfig = await loadKubeConfig({ path: config.kubeconfig, env: config.env });
    const kube = connectKube(kubeConfig, { userAgent: 'k0smotron-infrastructure', logger, meter });
    const bus = await connectBus({ ...natsOptions(config), name: 'infrastructure', logger, meter });
    const audit = openAudit({ service: 'infrastructure', namespace: ownNamespace(config), bus, logger, meter });
    const jobs = new JobPool({ name: 'host', size: config.hostJobs, logger, meter });
    const work = new HostWork(jobs, systemClock);
    const workloads = new WorkloadClusters({ management: kube, logger });
    const nodes = new NodeWatches(logger);
    try {
      await runManager({
        config,
        kube,
        telemetry,
        controllers: controllers({ work, bus, audit: audit.audit, workloads, nodes }),
        webhooks: { convert, converts: convertedKinds('infrastructure.cluster.x-k8s.io'), admit: admission },
        pki: { createCa, issue },
        effects: [audit.run],
        onStop: [() => work.drain()],
        signal,
      });
    } finally {
      nodes.close();
      await Promise.allSettled([bus.close(), workloads.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
