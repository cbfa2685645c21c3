import { messageOf } from '@k0smotron/core';
import { ConfigError } from '@k0smotron/kube';
import type { Flags, FlagValues } from './config/flag.ts';
import { HelpRequested } from './config/help-requested.ts';
import { loadServiceConfig, type Environment, type ServiceConfig } from './config/service-config.ts';

/** The parts of `process` that a service touches, so that tests can stand in. */
export interface ProcessPort {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** One executable. */
export interface ServiceOptions<F extends Flags> {
  readonly name: string;
  readonly flags?: F;
  /** Composes the service and runs it until the signal aborts. */
  readonly main: (config: ServiceConfig & FlagValues<F>, signal: AbortSignal) => Promise<void>;
  /** `process` unless given; the only place that reads it. */
  readonly host?: ProcessPort;
}

/**
 * The whole life of a service process: flags, SIGTERM and SIGINT (a second one ends at once), exit code. What the operator
 * must change is one line on standard error and exit code 1, never a stack.
 */
export async function runService<const F extends Flags = Record<never, never>>(
  options: ServiceOptions<F>,
): Promise<void> {
  const { name, flags, main, host = process } = options;
  const stop = new AbortController();
  const onSignal = (signal: string) => (): void => {
    if (stop.signal.aborted) host.exit(1);
    stop.abort(new Error(`stopped by ${signal}`));
  };
  host.on('SIGTERM', onSignal('SIGTERM'));
  host.on('SIGINT', onSignal('SIGINT'));
  try {
    const argv = host.argv.slice(2);
    const version = host.env['SERVICE_VERSION']; // set by the image; a bundle does not know its release
    const config = loadServiceConfig({
      name,
      argv,
      env: host.env,
      ...(version ? { version } : {}),
      ...(flags ? { flags } : {}),
    });
    await main(config, stop.signal);
    host.exit(0); // whatever handle a library left open
  } catch (error) {
    host.exit(explain(name, error, host));
  }
}

/** Says why the process ends, and gives its exit code. */
function explain(name: string, error: unknown, { stdout, stderr }: ProcessPort): number {
  if (error instanceof HelpRequested) {
    stdout.write(error.text);
    return 0;
  }
  const what = error instanceof ConfigError ? messageOf(error) : `ended by an error: ${messageOf(error)}`;
  stderr.write(`k0smotron-${name}: ${what.replaceAll('\n', ' ')}\n`);
  return 1;
}
