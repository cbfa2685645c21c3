import { isIP } from 'node:net';
import { messageOf, type Clock, type Kind, type KubeObject, type Logger } from '@k0smotron/core';
import { AlreadyExistsError, ConflictError, type KubeClient } from '@k0smotron/kube';
import type { PemPair } from '../../http/diagnostics-server.ts';
import type { CertificateSource } from '../certificate-source.ts';
import { outdated, register, type Registered } from './registrations.ts';
import {
  begun,
  endOf,
  fromData,
  planMove,
  prepared,
  promoted,
  toData,
  type NewCertificate,
  type ServingState,
} from './serving-state.ts';

/** The part of `@k0smotron/pki` that makes certificates. */
export interface CertificateMaker {
  createCa(request: { readonly commonName: string; readonly years: number; readonly now?: Date }): Promise<PemPair>;
  issue(
    ca: PemPair,
    request: {
      readonly commonName: string;
      readonly dnsNames?: readonly string[];
      readonly ips?: readonly string[];
      readonly usages: readonly 'server'[];
      readonly days: number;
      readonly now?: Date;
    },
  ): Promise<PemPair>;
}

/** Of a service that makes its webhook certificate itself. */
export interface SelfMadeOptions {
  readonly kube: Pick<KubeClient, 'get' | 'create' | 'patch'>;
  readonly pki: CertificateMaker;
  /** Where the Secret `<registered.name>-webhooks` is. */
  readonly namespace: string;
  /** `https://host:port`, where API servers reach the service. */
  readonly url: string;
  /** How long a certificate is good for, in milliseconds. */
  readonly lifeMs: number;
  /** How often registrations are looked at while nothing changes, in milliseconds. */
  readonly lookMs: number;
  readonly registered: Registered;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface SecretObject extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}
const Secret: Kind<SecretObject> = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

const dayMs = 86_400_000;
/** API servers watch registrations, so they learn of a new bundle within seconds. */
const longestSettlingMs = 60_000;
const longestPauseMs = 60_000;
const retryMs = 2000;
const outrunMs = 50;

/**
 * Makes and renews the webhook certificate of a service that runs where no cert-manager reaches it, and tells the API server
 * of it. All replicas do the same and agree by a Secret of theirs: each writes only over what it has read.
 */
export class SelfMadeCertificates implements CertificateSource {
  readonly #options: SelfMadeOptions;
  #state: ServingState | undefined;
  /** Since when (monotonic) all registrations have this bundle, and when that was last looked at. */
  #told: { readonly bundle: string; readonly sinceMs: number; readonly lookedMs: number } | undefined;
  #ready = false;
  #problem = '';

  constructor(options: SelfMadeOptions) {
    this.#options = options;
  }

  /** Waits for the API server, as long as it takes. @throws the signal's reason. */
  async read(signal: AbortSignal): Promise<PemPair> {
    for (;;) {
      signal.throwIfAborted();
      await this.#attempt(() => this.#agree(signal), signal);
      if (this.#state) return this.#state.pair;
    }
  }

  async follow(onChange: (pair: PemPair) => void, signal: AbortSignal): Promise<void> {
    let served = this.#state?.pair.certPem;
    const turn = async (): Promise<void> => {
      const { pair, bundle } = await this.#agree(signal);
      if (pair.certPem !== served) {
        onChange(pair);
        served = pair.certPem;
        this.#options.logger.info('Serving a new webhook certificate', { until: new Date(endOf(pair)).toISOString() });
      }
      await this.#tell(bundle, signal);
      await this.#options.clock.sleep(this.#pauseMs(), signal);
    };
    while (!signal.aborted) await this.#attempt(turn, signal);
  }

  check(): void {
    if (!this.#ready) throw new Error(this.#problem || 'the API server was not told of the webhooks yet');
  }

  async #attempt(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      // Another replica was quicker: what it wrote is read at once.
      const outrun = error instanceof ConflictError || error instanceof AlreadyExistsError;
      if (!outrun) this.#tellProblem(messageOf(error));
      await this.#options.clock.sleep(outrun ? outrunMs : retryMs, signal).catch(() => undefined);
    }
  }

  #tellProblem(problem: string): void {
    if (problem !== this.#problem) this.#options.logger.warn('Looking after webhook certificates failed', { problem });
    this.#problem = problem;
  }

  /** Reads what the replicas share, makes the one move that is due, and gives the outcome. */
  async #agree(signal: AbortSignal): Promise<ServingState> {
    const { kube, clock, url, lifeMs } = this.#options;
    const secret = await kube.get(Secret, this.#key(), signal);
    const stored = fromData(secret?.data);
    const present = stored ?? this.#state; // a Secret that somebody deleted comes back as it was
    const circumstances = { now: clock.now(), host: hostOf(url), lifeMs, settled: this.#settled(present) };
    const next = await this.#follower(planMove(present, circumstances), present, signal);
    if (next !== stored) await this.#save(secret, next, signal);
    return (this.#state = next);
  }

  async #follower(
    move: ReturnType<typeof planMove>,
    present: ServingState | undefined,
    signal: AbortSignal,
  ): Promise<ServingState> {
    if (!present || move === 'begin') return begun(await this.#make(), present);
    if (move === 'prepare') return prepared(await this.#make(), present);
    if (move === 'keep') return present;
    // Somebody may have taken the new authority out again: then it has to be known for a while anew.
    return (await this.#tell(present.bundle, signal, true)) ? promoted(present) : present;
  }

  #settled(state: ServingState | undefined): boolean {
    const { clock } = this.#options;
    return this.#told?.bundle === state?.bundle && clock.monotonicMs() - (this.#told?.sinceMs ?? 0) >= this.#settlingMs;
  }

  async #save(present: SecretObject | undefined, state: ServingState, signal: AbortSignal): Promise<void> {
    const { kube } = this.#options;
    const data = toData(state);
    if (present) {
      const { uid, resourceVersion } = present.metadata;
      const body = { metadata: { uid, resourceVersion }, data };
      await kube.patch(Secret, this.#key(), { type: 'merge', body }, {}, signal);
    } else {
      const full = Object.fromEntries(
        Object.entries(data).flatMap(([key, text]) => (text === null ? [] : [[key, text]])),
      );
      await kube.create(Secret, { metadata: this.#key(), type: 'kubernetes.io/tls', data: full }, {}, signal);
    }
  }

  /** Looks at the registrations when they may be wrong, or when asked to. True when they were right already. */
  async #tell(bundle: string, signal: AbortSignal, look = false): Promise<boolean> {
    const { kube, url, registered, clock, lookMs } = this.#options;
    const told = this.#told;
    const fresh = told?.bundle === bundle && clock.monotonicMs() - told.lookedMs < lookMs;
    if (fresh && !look) return true;
    const stillRight = async (): Promise<void> => {
      const stored = fromData((await kube.get(Secret, this.#key(), signal))?.data);
      if (stored?.bundle !== bundle) throw outdated();
    };
    const changed = await register(kube, registered, { url, bundle }, stillRight, signal);
    const now = clock.monotonicMs();
    const right = changed === 0 && told?.bundle === bundle;
    this.#told = { bundle, sinceMs: right ? told.sinceMs : now, lookedMs: now };
    [this.#ready, this.#problem] = [true, ''];
    return right;
  }

  async #make(): Promise<NewCertificate> {
    const { pki, registered, url, lifeMs, clock, logger } = this.#options;
    const [now, host, days] = [clock.now(), hostOf(url), lifeMs / dayMs];
    const authority = await pki.createCa({ commonName: `${registered.name} webhooks`, years: days / 365, now });
    const names = isIP(host) === 0 ? { dnsNames: [host] } : { ips: [host] };
    const pair = await pki.issue(authority, { commonName: registered.name, ...names, usages: ['server'], days, now });
    logger.info('Made a webhook certificate', { host, until: new Date(endOf(pair)).toISOString() });
    return { pair, authorityPem: authority.certPem };
  }

  #pauseMs(): number {
    const { lifeMs } = this.#options;
    const longest = this.#state?.next ? this.#settlingMs / 4 : longestPauseMs;
    return Math.min(longest, lifeMs / 20);
  }

  get #settlingMs(): number {
    return Math.min(longestSettlingMs, this.#options.lifeMs / 5);
  }

  #key(): { namespace: string; name: string } {
    return { namespace: this.#options.namespace, name: `${this.#options.registered.name}-webhooks` };
  }
}

/** As certificates name it: IPv6 addresses without brackets. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
