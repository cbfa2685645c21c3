import { describe, expect, it } from '@jest/globals';
import { labelValue } from './label-value.ts';

describe('a name as a label value (OR-4)', () => {
  it('is the name where that fits', () => {
    expect(labelValue('a'.repeat(63))).toBe('a'.repeat(63));
  });

  it("is Cluster API's own hash where it does not, so that core finds what we label", () => {
    // FNV-1a of 32 bits, computed elsewhere.
    expect(labelValue('control-plane-'.repeat(6))).toBe('hash_Ckk0KQ_z');
  });
});
