import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { machineName, nextMachine } from './machine-name.ts';

const naming = { controlPlane: 'cp', uid: '7d6a1a36-3a2c-4f0e-8d1c-000000000001' };

describe('machineName', () => {
  it('is the same for the same number and differs by number and by control plane', () => {
    expect(machineName(naming, 3)).toBe(machineName(naming, 3));
    expect(machineName(naming, 3)).not.toBe(machineName(naming, 4));
    expect(machineName(naming, 3)).not.toBe(machineName({ ...naming, uid: 'other' }, 3));
    expect(machineName(naming, 3)).toMatch(/^cp-[a-z0-9]{5}$/);
  });

  it('fits a host name, however long the control plane’s name is', () => {
    const long = machineName({ controlPlane: `${'a'.repeat(56)}-${'b'.repeat(100)}`, uid: 'u' }, 0);
    expect(long.length).toBeLessThanOrEqual(63);
    expect(long).toMatch(/^[a-z0-9](-?[a-z0-9])*$/);
  });
});

describe('nextMachine', () => {
  it('makes exactly as many machines as were wanted, wherever the process dies', () => {
    const crash = fc.constantFrom('none', 'before create', 'before counter');
    fc.assert(
      fc.property(fc.array(crash, { maxLength: 40 }), fc.nat({ max: 8 }), (crashes, wanted) => {
        const machines = new Set<string>();
        let counter = 0;
        for (const fate of [...crashes, ...Array.from({ length: wanted }, () => 'none')]) {
          if (machines.size >= wanted) break;
          const { name, ordinal } = nextMachine(naming, counter, [...machines]);
          if (fate === 'before create') continue;
          expect(machines.has(name)).toBe(false);
          machines.add(name);
          if (fate === 'none') counter = ordinal + 1;
        }
        expect(machines.size).toBe(wanted);
      }),
    );
  });

  it('comes to the same name when a creation is repeated', () => {
    expect(nextMachine(naming, 5, [])).toEqual(nextMachine(naming, 5, ['cp-other']));
  });
});
