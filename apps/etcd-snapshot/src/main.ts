import { connectBus } from '@k0smotron/bus';
import { connectKube, loadKubeConfig } from '@k0smotron/kube';
import { type LeaderEffect, natsOptions, runManager, runService } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { controllers } from './controllers.ts';

/** Holds the lease although there is nothing to lead yet, so that a second replica already stands by. */
const standBy: LeaderEffect = (_leading, signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

void runService({
  name: 'etcd-snapshot',
  async main(config, signal) {
    const telemetry = createTelemetry({ service: 'etcd-snapshot', verbosity: config.verbosity });
    const { logger, meter } = telemetry;
    const kubeConfig = await loadKubeConfig({ path: config.kubeconfig, env: config.env });
    const kube = connectKube(kubeConfig, { userAgent: 'k0smotron-etcd-snapshot', logger, meter });
    const bus = await connectBus({ ...natsOptions(config), name: 'etcd-snapshot', logger, meter });
    try {
      await runManager({ config, kube, telemetry, controllers: controllers(), effects: [standBy], signal });
    } finally {
      await Promise.allSettled([bus.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
