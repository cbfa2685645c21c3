import { convert } from '@k0smotron/api';
import { connectBus } from '@k0smotron/bus';
import { systemClock } from '@k0smotron/core';
import { connectKube, loadKubeConfig } from '@k0smotron/kube';
import { integerFlag, JobPool, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
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
    const bus = await connectBus({ url: config.natsUrl, name: 'infrastructure', logger, meter });
    const jobs = new JobPool({ name: 'host', size: config.hostJobs, logger, meter });
    const work = new HostWork(jobs, systemClock);
    try {
      await runManager({
        config,
        kube,
        telemetry,
        controllers: controllers({ work, bus }),
        webhooks: { convert },
        onStop: [() => work.drain()],
        signal,
      });
    } finally {
      await Promise.allSettled([bus.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
