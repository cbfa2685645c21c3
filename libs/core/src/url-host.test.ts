import { expect, it } from '@jest/globals';
import { urlHost } from './url-host.ts';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['example.org', 'example.org'],
  ['2001:db8::1', '[2001:db8::1]'],
  ['[2001:db8::1]', '[2001:db8::1]'],
])('writes the host %s of a URL as %s', (host, written) => {
  expect(new URL(`https://${urlHost(host)}:6443`).host).toBe(`${written}:6443`);
});
