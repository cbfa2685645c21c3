import type { Logger } from '@k0smotron/core';
import { done, lookAgain, messageOf, silentMeter } from '@k0smotron/core';
import { connectKube, loadKubeConfig } from '@k0smotron/kube';
import { runManager, runService } from '../src/index.ts';
import { ConfigMap, toyWith } from './toy-controller.ts';

/** A service of one toy controller, to be killed: each parent ConfigMap gets exactly one child, under a name by chance. */
const toys = (holder: string) =>
  toyWith({
    async reconcile(run, signal) {
      const { namespace = '', name } = run.key;
      if (run.caches.of(ConfigMap, 'toy=child').byIndex('parent', name).length > 0) return done;
      if (run.object.data?.['slow'] === 'yes') {
        run.event('Normal', 'SlowBegun', `${holder} began a slow run`);
        await run.clock.sleep(3000, signal); // paused in here, a process would go on with the write below after its time
      }
      const child = {
        metadata: { name: `${name}-${crypto.randomUUID()}`, namespace, labels: { toy: 'child', parent: name } },
        data: { holder, epoch: run.epoch },
      };
      run.expectWritten(await run.kube.create(ConfigMap, child, {}, signal));
      run.event('Normal', 'ChildMade', `made a child of ${name}`);
      return lookAgain(0, 'looking whether there is one now'); // at once: the cache is surely behind
    },
  });

const line = (level: string, fields: object, message: string): void =>
  void process.stdout.write(`${JSON.stringify({ level, time: Date.now(), ...fields, message })}\n`);
const logger = (fields: object): Logger => ({
  debug: (message, more) => line('debug', { ...fields, ...more }, message),
  info: (message, more) => line('info', { ...fields, ...more }, message),
  warn: (message, more) => line('warn', { ...fields, ...more }, message),
  error: (message, more) => line('error', { ...fields, ...more, error: messageOf(more?.['error']) }, message),
  child: (more) => logger({ ...fields, ...more }),
});

void runService({
  name: 'toy',
  async main(config, signal) {
    const kube = connectKube(await loadKubeConfig({ path: config.kubeconfig, env: config.env }));
    const telemetry = { logger: logger({}), meter: silentMeter, metricsText: () => Promise.resolve('toy_up 1\n') };
    await runManager({ config, kube, telemetry, controllers: [toys(config.podName ?? '')], signal });
    await kube.close();
  },
});
