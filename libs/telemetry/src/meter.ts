import type { Meter, MetricLabels } from '@k0smotron/core';
import type { Counter, Histogram, Meter as OtelMeter, ObservableGauge } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** From a queue look-up to a machine's whole bootstrap. */
const secondsBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

/** core's port over OpenTelemetry, and the text that Prometheus scrapes. */
export interface PrometheusMeter {
  readonly meter: Meter;
  /** The Prometheus exposition format, collected at the call. */
  readonly text: () => Promise<string>;
  readonly shutdown: () => Promise<void>;
}

type Reading = { readonly value: number; readonly labels?: MetricLabels };

/** Instruments are made at their first use; all names get the prefix `k0smotron_`. */
export function createMeter(): PrometheusMeter {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const serializer = new PrometheusSerializer('k0smotron', false, undefined, true, true);
  return {
    meter: toMeter(provider.getMeter('k0smotron')),
    text: async () => {
      const { resourceMetrics } = await exporter.collect();
      return `${serializer.serialize(resourceMetrics)}\n`;
    },
    shutdown: () => provider.shutdown(),
  };
}

function toMeter(otel: OtelMeter): Meter {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, (() => readonly Reading[])[]>();

  return {
    count: (name, labels = {}, by = 1) =>
      madeOnce(counters, name, () => otel.createCounter(name)).add(by, { ...labels }),
    seconds: (name, value, labels = {}) => {
      const advice = { explicitBucketBoundaries: secondsBounds };
      madeOnce(histograms, name, () => otel.createHistogram(`${name}_seconds`, { advice })).record(value, {
        ...labels,
      });
    },
    // Several parts may read the same gauge with labels of their own.
    gauge: (name, read) => {
      const readers = madeOnce(gauges, name, () => observed(otel.createObservableGauge(name)));
      readers.push(read);
    },
  };
}

function observed(gauge: ObservableGauge): (() => readonly Reading[])[] {
  const readers: (() => readonly Reading[])[] = [];
  gauge.addCallback((result) => {
    for (const read of readers) for (const { value, labels } of read()) result.observe(value, { ...labels });
  });
  return readers;
}

function madeOnce<T>(known: Map<string, T>, name: string, make: () => T): T {
  const present = known.get(name);
  if (present !== undefined) return present;
  const made = make();
  known.set(name, made);
  return made;
}
