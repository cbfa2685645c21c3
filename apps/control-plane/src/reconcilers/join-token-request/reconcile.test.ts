import { JoinTokenRequest, K0smotronCluster, Node, Secret } from '@k0smotron/api';
import { recordedAudit } from '@k0smotron/audit/testing';
import { apiVersionOf } from '@k0smotron/core';
import type { Fact } from '@k0smotron/events';
import { decodeJoinToken, tokenExpiration } from '@k0smotron/k0s';
import { fakeKube } from '@k0smotron/kube/testing';
import { fakeRun } from '@k0smotron/runtime/testing';
import { fakeClock } from '@k0smotron/testing';
import { describe, expect, it } from '@jest/globals';
import { storedCaches } from '../../../testing/stored-caches.ts';
import { createCa, issue } from '@k0smotron/pki';
import { durationMs } from './expiry.ts';
import { CertificateSigningRequest } from './node-joined.ts';
import { reconcileJoinTokenRequest } from './reconcile.ts';

const key = { namespace: 'ns', name: 'r' };
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** A request `r` for a token of the hosted Cluster `c`. */
function aRequest(spec: object = {}, metadata: object = {}) {
  const clock = fakeClock();
  const service = { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 };
  const management = fakeKube({
    clock,
    objects: [
      {
        apiVersion: apiVersionOf(K0smotronCluster),
        kind: 'Cluster',
        metadata: { name: 'c', namespace: 'ns' },
        spec: { externalAddress: '2001:db8::1', service },
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'c-ca', namespace: 'ns' },
        data: { 'tls.crt': base64('CA') },
      },
      {
        apiVersion: apiVersionOf(JoinTokenRequest),
        kind: 'JoinTokenRequest',
        metadata: { name: 'r', namespace: 'ns', ...metadata },
        spec: { clusterName: 'c', expiry: '1h', role: 'worker', ...spec },
      },
    ] as never,
  });
  const workload = fakeKube({ clock });
  const facts: Fact[] = [];
  const dependencies = {
    workloads: { client: () => Promise.resolve(workload) } as never,
    audit: recordedAudit(facts),
  };
  const reconcile = async () => {
    const object = await management.get(JoinTokenRequest, key);
    if (!object) throw new Error('the request is gone');
    const caches = await storedCaches(management, [K0smotronCluster, JoinTokenRequest], {});
    const run = fakeRun(object, { kube: management, caches, clock });
    const outcome = await reconcileJoinTokenRequest(run, dependencies, new AbortController().signal);
    return { run, outcome };
  };
  return { reconcile, management, workload, clock, facts };
}

const seconds = (date: Date | undefined): number => (date?.getTime() ?? 0) / 1000;

describe('a request for a join token', () => {
  it('gets a Secret of its name whose token the cluster knows for as long as was asked', async () => {
    const { reconcile, management, workload, clock, facts } = aRequest();
    const { run } = await reconcile();
    const token = (await management.get(Secret, key))?.data?.['token'] ?? '';
    const kubeconfig = decodeJoinToken(Buffer.from(token, 'base64').toString('utf8'));
    expect(kubeconfig).toContain('"server":"https://[2001:db8::1]:30443"');
    const [known] = await workload.list(Secret);
    expect(known?.metadata.name).toBe(`bootstrap-token-${String(run.status.tokenID)}`);
    expect(seconds(tokenExpiration(known?.data)) - seconds(clock.now())).toBe(3600);
    expect(facts.map(({ data }) => data.fact)).toEqual(['token-minted']);
    expect(run.finalizers).toContain('jointokenrequests.k0smotron.io/finalizer');
  });

  it('mints one token whatever is repeated, and says when it is good no more', async () => {
    const { reconcile, workload, clock } = aRequest();
    await reconcile();
    const { run, outcome } = await reconcile();
    expect(await workload.list(Secret)).toHaveLength(1);
    expect(run.conditions.get('JoinTokenSecretCreated')).toMatchObject({
      status: 'True',
      message: 'The token is good until 2026-01-01T01:00:00Z',
    });
    expect(run.status.expiresAt).toBe('2026-01-01T01:00:00Z');
    expect(outcome).toMatchObject({ kind: 'again', afterMs: 3_601_000 });
    await clock.advance(3_601_000);
    const later = await reconcile();
    expect(later.run.conditions.get('JoinTokenSecretCreated')).toMatchObject({ status: 'False', reason: 'Expired' });
  });

  it('without an end stays good while the request is there, a day at a time', async () => {
    const { reconcile, workload, clock } = aRequest({ expiry: '0s' });
    await reconcile();
    for (let day = 0; day < 3; day += 1) {
      await clock.advance(13 * 3_600_000);
      await reconcile();
      const [known] = await workload.list(Secret);
      expect(seconds(tokenExpiration(known?.data)) - seconds(clock.now())).toBe(24 * 3600);
    }
  });

  it('of more time than there are dates gets ten years', async () => {
    const { reconcile, workload, clock } = aRequest({ expiry: `${'9'.repeat(60)}h` });
    await reconcile();
    const [known] = await workload.list(Secret);
    expect(seconds(tokenExpiration(known?.data)) - seconds(clock.now())).toBe(10 * 365 * 24 * 3600);
  });

  it('takes its token along', async () => {
    const { reconcile, workload, management, facts } = aRequest();
    await reconcile();
    await reconcile();
    const stored = await management.get(JoinTokenRequest, key);
    management.seed({ ...stored, metadata: { ...stored?.metadata, finalizers: ['x/y'] } } as never);
    await management.remove(JoinTokenRequest, key);
    const { run } = await reconcile();
    expect(await workload.list(Secret)).toEqual([]);
    expect(run.finalizers).not.toContain('jointokenrequests.k0smotron.io/finalizer');
    expect(facts.map(({ data }) => data.fact)).toEqual(['token-minted', 'token-revoked']);
  });

  it('for a controller is refused, since those are pods', async () => {
    await expect(aRequest({ role: 'controller' }).reconcile()).rejects.toThrow(
      /controllers of a hosted cluster are pods/,
    );
  });

  it('does not take over a Secret of somebody else', async () => {
    const { reconcile, management, workload } = aRequest();
    management.seed({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'r', namespace: 'ns' } });
    await expect(reconcile()).rejects.toThrow(/belongs to somebody else/);
    expect(await workload.list(Secret)).toEqual([]);
  });
});

describe('a token for one node', () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' } };

  /** What the API keeps of a kubelet that came with a token and was let in. */
  async function join(workload: ReturnType<typeof aRequest>['workload'], tokenId: unknown): Promise<void> {
    const ca = await createCa({ commonName: 'CA', years: 1 });
    const { certPem } = await issue(ca, { commonName: 'system:node:w1', usages: ['client'], days: 1 });
    workload.seed({
      apiVersion: apiVersionOf(CertificateSigningRequest),
      kind: CertificateSigningRequest.kind,
      metadata: { name: 'node-csr-1' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        username: `system:bootstrap:${String(tokenId)}`,
      },
      status: { certificate: base64(certPem) },
    } as never);
  }

  it('is revoked once that node is there, not when it was only let in, and stays so', async () => {
    const { reconcile, workload, facts } = aRequest({ singleUse: true });
    await reconcile();
    const { run, outcome } = await reconcile();
    expect(outcome).toMatchObject({ kind: 'again', afterMs: 10_000 });
    await join(workload, run.status.tokenID);
    await reconcile();
    expect(await workload.list(Secret)).toHaveLength(1);
    workload.seed(node);
    for (let again = 0; again < 2; again += 1) {
      const { run: after, outcome: rest } = await reconcile();
      expect(await workload.list(Secret)).toEqual([]);
      expect(after.conditions.get('JoinTokenSecretCreated')).toMatchObject({
        ...{ status: 'False', reason: 'Used', message: expect.stringContaining('Node w1 has joined') },
      });
      expect(rest.kind).toBe('done');
    }
    expect(facts.map(({ data }) => [data.fact, (data.details as { because?: string }).because])).toEqual([
      ['token-minted', undefined],
      ['token-revoked', 'joined'],
    ]);
  });

  it('is not used up by a node that came with another token', async () => {
    const { reconcile, workload } = aRequest({ singleUse: true });
    await reconcile();
    await join(workload, 'others');
    workload.seed(node);
    await reconcile();
    expect(await workload.list(Secret)).toHaveLength(1);
  });

  it('is looked at only where it was asked for', async () => {
    const { reconcile, workload } = aRequest();
    const { run } = await reconcile();
    await join(workload, run.status.tokenID);
    workload.seed(node);
    await reconcile();
    expect(await workload.list(Secret)).toHaveLength(1);
    expect(await workload.list(Node)).toHaveLength(1);
  });
});

describe('durationMs', () => {
  it.each([
    ['0s', 0],
    ['0', 0],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
  ])('reads %s', (text, expected) => expect(durationMs(text)).toBe(expected));
});
