import type { Logger, Meter } from '@k0smotron/core';
import type { DestinationStream } from 'pino';
import { createPino, levelOf, toLogger } from './logger.ts';
import { createMeter } from './meter.ts';
import { redactText } from './redact.ts';

/** Logs and metrics of one process. */
export interface Telemetry {
  readonly logger: Logger;
  readonly meter: Meter;
  /** All metrics in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
  /** Changes what is logged while the process runs. */
  readonly setVerbosity: (verbosity: number) => void;
  /** Hides secrets in any text; for messages that leave by another way, such as conditions and Events. */
  readonly redact: (text: string) => string;
  readonly shutdown: () => Promise<void>;
}

/** Whose telemetry. */
export interface TelemetryOptions {
  /** `infrastructure`, `bootstrap`, … */
  readonly service: string;
  /** The `-v` flag. */
  readonly verbosity: number;
  /** Instead of standard output; for tests. */
  readonly destination?: DestinationStream;
}

/** Makes the logger and meter that everything else in the process is given. Opens no port. */
export function createTelemetry({ service, verbosity, destination }: TelemetryOptions): Telemetry {
  const pino = createPino(service, verbosity, destination);
  const metrics = createMeter();
  measureProcess(metrics.meter);
  return {
    logger: toLogger(pino),
    meter: metrics.meter,
    metricsText: metrics.text,
    setVerbosity: (next) => {
      pino.level = levelOf(next);
    },
    redact: redactText,
    shutdown: async () => {
      await metrics.shutdown();
      await new Promise<void>((resolve) => pino.flush(() => resolve()));
    },
  };
}

/** What ER-5 is measured by. */
function measureProcess(meter: Meter): void {
  meter.gauge('process_resident_memory_bytes', () => [{ value: process.memoryUsage.rss() }]);
  meter.gauge('process_heap_used_bytes', () => [{ value: process.memoryUsage().heapUsed }]);
  meter.gauge('process_cpu_seconds', () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  });
}
