import type { LogFields, Logger } from '@k0smotron/core';
import pino, { type DestinationStream, type Logger as Pino } from 'pino';
import { redactFields, redactText } from './redact.ts';

/** `-v` as Kubernetes programs mean it: 0 to 3 show what happened, 4 and above also how. */
export const levelOf = (verbosity: number): 'info' | 'debug' => (verbosity >= 4 ? 'debug' : 'info');

/** JSON lines through pino, redacted. `destination` is standard output unless given. */
export function createPino(service: string, verbosity: number, destination?: DestinationStream): Pino {
  return pino(
    {
      base: { service },
      level: levelOf(verbosity),
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are described by `redactFields`, never by pino, which would add their own properties.
      serializers: { err: (error: unknown) => error },
    },
    ...(destination ? [destination] : []),
  );
}

/** core's port over pino; each message and field passes the redaction here, so no adapter or app can forget it. */
export function toLogger(root: Pino, own: Pino = root): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      // Children share the root's level, so that it can be changed while the process runs.
      if (!root.isLevelEnabled(level)) return;
      if (fields) own[level](redactFields(fields), redactText(message));
      else own[level](redactText(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => toLogger(root, own.child(redactFields(fields), { level: 'trace' })),
  };
}
