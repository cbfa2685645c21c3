const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration as Go writes it (`1h30m`), as the schema lets it through; 0 for `0s` and `0`. */
export const durationMs = (text: string): number =>
  [...text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0,
  );

/**
 * Life of a token without an end of its own (`0s`). It is given a new life before this one is over while its request is
 * there, so no token outlives the request, the Cluster or us by more than that.
 */
export const rollingLifeMs = 24 * 3_600_000;

/** A token with an end lives ten years at most: beyond some point there is no date for its end. */
export const longestLifeMs = 10 * 365 * 24 * 3_600_000;

/** How long a new token of this `expiry` is good. */
export const lifeMsOf = (expiry: string): number => Math.min(durationMs(expiry) || rollingLifeMs, longestLifeMs);

/** A rolling token is prolonged when less than this is left. */
export const prolongBelowMs = rollingLifeMs / 2;
