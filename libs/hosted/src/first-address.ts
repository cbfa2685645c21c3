import { isIP } from 'node:net';

/**
 * The first address of a network after the network itself: that of the Service `kubernetes`, when given the network of Services.
 *
 * @param cidr a network like `10.96.0.0/12` or `fd01::/108`
 * @throws Error when that is none
 */
export function firstAddress(cidr: string): string {
  const [address = '', prefix = ''] = cidr.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 6 ? 128 : 32)) {
    throw new Error(`${cidr} is no network`);
  }
  const v6 = family === 6;
  const [bits, parts, radix] = v6 ? [128n, groupsOf(address), 16] : [32n, address.split('.'), 10];
  const width = v6 ? 16n : 8n;
  const value = parts.reduce((all, part) => (all << width) | BigInt(radix === 16 ? `0x${part}` : part), 0n);
  const host = bits - BigInt(prefix);
  const first = ((value >> host) << host) + 1n;
  const at = (index: number): string => ((first >> (width * BigInt(index))) & ((1n << width) - 1n)).toString(radix);
  const written = Array.from(parts, (_, index) => at(parts.length - 1 - index));
  // Browsers' rules for addresses are those of RFC 5952, which certificates and Kubernetes keep to.
  return v6 ? new URL(`http://[${written.join(':')}]`).hostname.slice(1, -1) : written.join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly string[] {
  const [before = '', after] = address.split('::');
  const [left, right] = [before, after ?? ''].map((half) => (half === '' ? [] : half.split(':'))) as [
    string[],
    string[],
  ];
  const zeros = after === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}
