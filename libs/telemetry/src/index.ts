export { createTelemetry, type Telemetry, type TelemetryOptions } from './create-telemetry.ts';
export { redactFields, redactText } from './redact.ts';
