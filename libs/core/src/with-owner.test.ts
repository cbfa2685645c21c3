import { describe, expect, it } from '@jest/globals';
import { withOwner } from './with-owner.ts';

const wanted = { apiVersion: 'g/v1beta2', kind: 'K', name: 'n', uid: 'u', controller: true };
const other = { apiVersion: 'g/v1', kind: 'O', name: 'o', uid: 'o' };

describe('the owners of an object', () => {
  it.each([
    { given: 'none', owners: undefined, after: [wanted] },
    { given: 'others', owners: [other], after: [other, wanted] },
    {
      given: 'it with an older API version',
      owners: [{ ...wanted, apiVersion: 'g/v1beta1' }, other],
      after: [other, wanted],
    },
    { given: 'it, not as controller', owners: [{ ...wanted, controller: false }], after: [wanted] },
    { given: 'another that controls it', owners: [{ ...other, controller: true }], after: undefined },
    { given: 'it as it should be', owners: [{ ...wanted, blockOwnerDeletion: true }], after: undefined },
  ])('with $given become as they should be', ({ owners, after }) => {
    expect(withOwner(owners, wanted)).toEqual(after);
  });

  it('may have one that controls it where a plain one is wanted: topologies write it so', () => {
    expect(withOwner([wanted], { ...wanted, controller: undefined })).toBeUndefined();
  });
});
