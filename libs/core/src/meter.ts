/** Labels of one measurement. Never an object's name: cardinality must stay bounded. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Metrics as a port; names come without the `k0smotron_` prefix, which `libs/telemetry` adds. */
export interface Meter {
  /** Adds to a counter (`<name>_total`). */
  count(name: string, labels?: MetricLabels, by?: number): void;
  /** Records a duration in seconds into a histogram (`<name>_seconds`). */
  seconds(name: string, value: number, labels?: MetricLabels): void;
  /** Registers a gauge that is read at each scrape. */
  gauge(name: string, read: () => readonly { readonly value: number; readonly labels?: MetricLabels }[]): void;
}

/** Measures nothing; the default of libraries and tests. */
export const silentMeter: Meter = { count: () => undefined, seconds: () => undefined, gauge: () => undefined };
