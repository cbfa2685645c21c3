import { describe, expect, it } from '@jest/globals';
import { firstAddress } from './first-address.ts';

describe('firstAddress', () => {
  it.each([
    ['10.96.0.0/12', '10.96.0.1'],
    ['10.101.7.9/12', '10.96.0.1'],
    ['192.168.255.128/25', '192.168.255.129'],
    ['0.0.0.0/0', '0.0.0.1'],
    ['fd01::/108', 'fd01::1'],
    ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::1'],
    ['2001:db8::abcd:0/112', '2001:db8::abcd:1'],
  ])('of %s is %s', (cidr, first) => {
    expect(firstAddress(cidr)).toBe(first);
  });

  it.each(['services', '10.96.0.0', '10.96.x.0/12', '10.96.0.0/33'])('is refused for %s', (cidr) => {
    expect(() => firstAddress(cidr)).toThrow(`${cidr} is no network`);
  });
});
