// The webhooks of all services in one process of their own, as each service serves them, for a test that measures it.
import { readFileSync } from 'node:fs';
import { convert } from '@k0smotron/api';
import { admission as bootstrap } from '@k0smotron/bootstrap/admission';
import { admission as controlPlane } from '@k0smotron/control-plane/admission';
import { silentLogger, silentMeter, systemClock } from '@k0smotron/core';
import { admission as infrastructure } from '@k0smotron/infrastructure/admission';
import { startWebhookServer } from '@k0smotron/runtime';

const text = (file: string): string => readFileSync(`${process.argv[2]}/${file}`, 'utf8');
const admit = [...bootstrap, ...controlPlane, ...infrastructure];
const server = await startWebhookServer({
  handlers: { convert, admit },
  certificate: { certPem: text('tls.crt'), keyPem: text('tls.key') },
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
