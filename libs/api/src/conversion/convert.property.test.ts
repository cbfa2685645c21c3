import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryObjectOf } from '../../testing/arbitrary-object.ts';
import { bothVersionKinds } from '../declarations/index.ts';
import { convert } from './convert.ts';

const runs = { numRuns: 60 };

describe.each(bothVersionKinds.map((declaration) => [declaration.kind, declaration] as const))(
  '%s',
  (_kind, declaration) => {
    const apiVersion = (version: string) => `${declaration.group}/${version}`;

    it.each([
      ['v1beta1', 'v1beta2'],
      ['v1beta2', 'v1beta1'],
    ])('comes back as it was from %s through %s', (from, through) => {
      const check = fc.property(arbitraryObjectOf(declaration, from), (object) => {
        const before = structuredClone(object);
        const back = convert(convert(object, apiVersion(through)), apiVersion(from));
        expect(back).toEqual(before);
        expect(object).toEqual(before);
      });
      fc.assert(check, runs);
    });

    it('is the same after each further journey', () => {
      const check = fc.property(arbitraryObjectOf(declaration, 'v1beta1'), (object) => {
        const stored = convert(object, apiVersion('v1beta2'));
        expect(convert(convert(stored, apiVersion('v1beta1')), apiVersion('v1beta2'))).toEqual(stored);
      });
      fc.assert(check, runs);
    });
  },
);
