import { hostname } from 'node:os';
import type { Clock, Logger } from '@k0smotron/core';
import { ConfigError, holdLease, type KubeClient } from '@k0smotron/kube';
import { ownNamespace, type ServiceConfig } from './config/service-config.ts';
import type { Leader } from './leader.ts';

/** The right to act, and how to give it up. */
export interface Leadership extends Leader {
  /** Lets another replica lead at once. */
  release(): Promise<void>;
}

/** With what to campaign. */
export interface CampaignOptions {
  readonly config: ServiceConfig;
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once when the lease is lost; the process must end then. */
  readonly onLost: (why: string) => void;
}

/** Without election there is one process only, by the operator's word. */
const unelected = (clock: Clock): Leadership => {
  const acquiredAtMs = clock.now().getTime();
  // Counts up with every start, as a lease would.
  const term = { leaseUid: 'not-elected', transitions: Math.floor(acquiredAtMs / 1000), acquiredAtMs };
  return { term, stillHeld: () => true, release: () => Promise.resolve() };
};

/**
 * Waits for the service's Lease, unless `--leader-elect` is off.
 *
 * @throws ConfigError when the namespace of the Lease is unknown; the signal's reason when it aborts first.
 */
export async function campaign(options: CampaignOptions, signal: AbortSignal): Promise<Leadership> {
  const { config, kube, clock, logger, onLost } = options;
  if (!config.leaderElect) return unelected(clock);
  const name = `k0smotron-${config.name}`;
  const namespace = ownNamespace(config);
  if (!namespace) {
    throw new ConfigError('--leader-elect needs to know a namespace: set POD_NAMESPACE or --leader-elect-namespace');
  }
  logger.info('Waiting for leadership', { Lease: `${namespace}/${name}` });
  const lease = await holdLease(
    kube,
    {
      namespace,
      name,
      identity: config.podName ?? hostname(),
      clock,
      logger,
      durationMs: config.leaseDurationMs,
      renewMs: config.renewDeadlineMs / 2, // two tries before giving up
      retryMs: config.retryPeriodMs,
      giveUpMs: config.renewDeadlineMs,
      onLost,
    },
    signal,
  );
  const term = { ...lease.epoch, acquiredAtMs: clock.now().getTime() };
  logger.info('Leading', { Lease: `${namespace}/${name}`, transitions: term.transitions });
  return { term, stillHeld: () => lease.stillHeld(), release: () => lease.release() };
}
