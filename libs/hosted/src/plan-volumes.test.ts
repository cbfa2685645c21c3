import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf, planVolumes } from './plan-volumes.ts';

const template = (size: string, storageClassName?: string) => ({
  metadata: { name: 'etcd-data' },
  spec: { resources: { requests: { storage: size } }, ...(storageClassName && { storageClassName }) },
});
const claim = (ordinal: number, requested: string) => ({ name: `etcd-data-kmc-a-etcd-${ordinal}`, requested });
const plan = (stored: string, wanted: string, claims: readonly ReturnType<typeof claim>[]) =>
  planVolumes('kmc-a-etcd', { stored: [template(stored)], wanted: [template(wanted)] }, claims);

describe('planVolumes', () => {
  it.each([
    { given: 'the same', stored: '1Gi', wanted: '1Gi', claims: ['1Gi'], kind: 'fit' },
    { given: 'the same in other words', stored: '1Gi', wanted: '1024Mi', claims: ['1Gi'], kind: 'fit' },
    { given: 'more', stored: '1Gi', wanted: '2Gi', claims: ['1Gi', '2Gi'], kind: 'grow' },
    { given: 'more, and claims that have it', stored: '1Gi', wanted: '2Gi', claims: ['2Gi', '3Gi'], kind: 'renew' },
    { given: 'more, and no claims yet', stored: '1Gi', wanted: '2Gi', claims: [], kind: 'renew' },
    { given: 'a claim from an older template', stored: '2Gi', wanted: '2Gi', claims: ['1Gi'], kind: 'grow' },
    { given: 'less', stored: '2Gi', wanted: '1Gi', claims: ['2Gi'], kind: 'keep' },
  ])('with $given: $kind', ({ stored, wanted, claims, kind }) => {
    expect(
      plan(
        stored,
        wanted,
        claims.map((size, ordinal) => claim(ordinal, size)),
      ).kind,
    ).toBe(kind);
  });

  it('lets only those claims grow that are too small, and are its own', () => {
    const others = [{ name: 'etcd-data-kmc-a-etcd-b-0', requested: '1Gi' }];
    expect(plan('1Gi', '2Gi', [claim(0, '1Gi'), claim(1, '2Gi'), ...others])).toEqual({
      kind: 'grow',
      claims: [{ name: 'etcd-data-kmc-a-etcd-0', size: '2Gi' }],
    });
  });

  it('keeps the class', () => {
    const templates = { stored: [template('1Gi', 'slow')], wanted: [template('1Gi', 'fast')] };
    expect(planVolumes('kmc-a-etcd', templates, [])).toMatchObject({ kind: 'keep', differs: 'class' });
    const defaulted = { stored: [template('1Gi', 'slow')], wanted: [template('1Gi')] };
    expect(planVolumes('kmc-a-etcd', defaulted, [])).toEqual({ kind: 'fit' });
  });

  it('never makes anything smaller, and arrives', () => {
    const size = fc.integer({ min: 1, max: 50 }).map((gi) => `${gi}Gi`);
    fc.assert(
      fc.property(size, size, fc.array(size, { maxLength: 5 }), (stored, wanted, sizes) => {
        let now = stored;
        const claims = sizes.map((requested, ordinal) => claim(ordinal, requested));
        for (let turn = 0; turn < 4; turn += 1) {
          const move = plan(now, wanted, claims);
          if (move.kind === 'renew') now = wanted;
          if (move.kind !== 'grow') continue;
          for (const { name, size: larger } of move.claims) {
            const at = claims.findIndex((one) => one.name === name);
            expect(bytesOf(larger)).toBeGreaterThan(bytesOf(claims[at]?.requested ?? ''));
            claims[at] = claim(at, larger);
          }
        }
        expect(bytesOf(now)).toBe(Math.max(bytesOf(stored), bytesOf(wanted)));
        if (bytesOf(wanted) < bytesOf(stored)) return;
        for (const { requested } of claims) expect(bytesOf(requested)).toBeGreaterThanOrEqual(bytesOf(wanted));
      }),
    );
  });
});

describe('bytesOf', () => {
  it.each([
    ['1Gi', 1_073_741_824],
    ['1500M', 1_500_000_000],
    ['2e3', 2000],
    ['0.5Ki', 512],
    ['1000m', 1],
    ['7', 7],
  ])('reads %s', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it('knows what is no quantity', () => {
    expect(bytesOf('much')).toBeNaN();
    expect(bytesOf('1Zi')).toBeNaN();
  });
});
