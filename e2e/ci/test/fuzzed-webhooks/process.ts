// The webhooks of all services in one process of their own, as each service serves them, for a test that measures it.
import { convert } from '@k0smotron/api';
import { admission as bootstrap } from '@k0smotron/bootstrap/admission';
import { admission as controlPlane } from '@k0smotron/control-plane/admission';
import { silentLogger, silentMeter, systemClock } from '@k0smotron/core';
import { admission as infrastructure } from '@k0smotron/infrastructure/admission';
import { startWebhookServer } from '@k0smotron/runtime';

const admit = [...bootstrap, ...controlPlane, ...infrastructure];
const server = await startWebhookServer({
  handlers: { convert, admit },
  files: { dir: process.argv[2] ?? '', certName: 'tls.crt', keyName: 'tls.key' },
  port: 0,
  clock: systemClock,
  logger: silentLogger,
  meter: silentMeter,
});
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: server.port, paths: admit.map(({ path }) => path) });
