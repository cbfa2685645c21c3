import { createHash } from 'node:crypto';
import type { Clock } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';

/** Whether a caller may use a path: 200 yes, 401 who are you, 403 no. */
export type Authorizer = (request: {
  readonly authorization: string | undefined;
  readonly path: string;
  readonly verb: string;
}) => Promise<200 | 401 | 403>;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

/** A scraper comes every 15 to 60 s: it costs two reviews a minute at most. */
const keptMs = 60_000;
const maxKept = 200;

/**
 * Asks the API server who the bearer of a token is (TokenReview) and whether they may use the path (SubjectAccessReview on
 * a non-resource URL). Answers are kept for a minute under a hash; tokens are never kept.
 */
export function createAuthorizer(kube: KubeClient, clock: Clock): Authorizer {
  const kept = new Map<string, { readonly verdict: 200 | 401 | 403; readonly atMs: number }>();

  return async ({ authorization, path, verb }) => {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return 401;
    const name = createHash('sha256').update([token, path, verb].join('\n')).digest('base64');
    const nowMs = clock.monotonicMs();
    const known = kept.get(name);
    if (known && nowMs - known.atMs < keptMs) return known.verdict;
    const verdict = await review(kube, token, path, verb);
    if (kept.size >= maxKept) kept.clear();
    kept.set(name, { verdict, atMs: nowMs });
    return verdict;
  };
}

async function review(kube: KubeClient, token: string, path: string, verb: string): Promise<200 | 401 | 403> {
  const { status } = (await post(kube, 'authentication.k8s.io', 'TokenReview', 'tokenreviews', {
    token,
  })) as TokenReview;
  if (status?.authenticated !== true) return 401;
  const { username: user, uid, groups, extra } = status.user ?? {};
  const spec = { user, uid, groups, extra, nonResourceAttributes: { path, verb } };
  const access = await post(kube, 'authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews', spec);
  return (access as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true ? 200 : 403;
}

async function post(kube: KubeClient, group: string, kind: string, plural: string, spec: unknown): Promise<unknown> {
  const { status, body } = await kube.request({
    method: 'POST',
    path: `/apis/${group}/v1/${plural}`,
    body: { apiVersion: `${group}/v1`, kind, spec },
  });
  if (status >= 300) throw new Error(`${kind} was answered with HTTP ${status}`);
  return body;
}
