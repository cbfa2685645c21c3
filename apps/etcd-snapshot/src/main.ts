import { connectBus } from '@k0smotron/bus';
import { connectKube, loadKubeConfig } from '@k0smotron/kube';
import { openStore } from '@k0smotron/object-store';
import { natsOptions, runManager, runService, textFlag } from '@k0smotron/runtime';
import { createTelemetry } from '@k0smotron/telemetry';
import { controllers } from './controllers.ts';

const flags = {
  storeDir: textFlag('store-dir', '', 'Folder below which directory stores lie; there are none unless given.', 'path'),
};

void runService({
  name: 'etcd-snapshot',
  flags,
  async main(config, signal) {
    const telemetry = createTelemetry({ service: 'etcd-snapshot', verbosity: config.verbosity });
    const { logger, meter } = telemetry;
    const kubeConfig = await loadKubeConfig({ path: config.kubeconfig, env: config.env });
    const kube = connectKube(kubeConfig, { userAgent: 'k0smotron-etcd-snapshot', logger, meter });
    const bus = await connectBus({ ...natsOptions(config), name: 'etcd-snapshot', logger, meter });
    try {
      const stores = { openStore, storeDir: config.storeDir };
      await runManager({ config, kube, telemetry, controllers: controllers(stores), signal });
    } finally {
      await Promise.allSettled([bus.close(), kube.close()]);
      await telemetry.shutdown();
    }
  },
});
