/** Fields of one log line. Values must not hold secrets; kinds keep their capital (`Cluster: "ns/name"`). */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging as a port; `libs/telemetry` gives the real one. Messages start with a capital and end without a full stop. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger;
}

/** Drops everything; the default of libraries and tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
