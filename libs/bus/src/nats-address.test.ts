import { describe, expect, it } from '@jest/globals';
import { connectBus } from './connect-bus.ts';
import { NatsAddressError, parseNatsAddress } from './nats-address.ts';
import { nullBus } from './null-bus.ts';

describe('parseNatsAddress', () => {
  it.each([
    ['nats://nats.example', { servers: ['nats.example:4222'], tls: false }],
    ['nats.example:4333', { servers: ['nats.example:4333'], tls: false }],
    ['tls://a,tls://b:1', { servers: ['a:4222', 'b:1'], tls: true }],
    ['nats://u:p%40ss@a, nats://b', { servers: ['a:4222', 'b:4222'], tls: false, user: 'u', pass: 'p@ss' }],
    ['nats://t0ken@a', { servers: ['a:4222'], tls: false, token: 't0ken' }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'], tls: false }],
  ])('reads %s', (text, address) => {
    expect(parseNatsAddress(text)).toEqual(address);
  });

  it.each(['http://a', 'nats://', 'nats://u:s3cret@a:port', 'nats://a,tls://b', ' '])(
    'refuses %j in one line',
    (text) => {
      const refusal = captured(() => parseNatsAddress(text));
      expect(refusal).toBeInstanceOf(NatsAddressError);
      expect(refusal).toHaveProperty('message', expect.stringMatching(/^NATS URL: .+$/));
    },
  );

  it('never tells the password', () => {
    const refusal = captured(() => parseNatsAddress('nats://u:s3cret@a:port')) as Error;
    expect(`${refusal.stack}${String(refusal.cause)}`).not.toContain('s3cret');
  });
});

describe('connectBus', () => {
  it.each([undefined, ''])('with %j runs without NATS', async (url) => {
    expect(await connectBus({ url, name: 'test' })).toBe(nullBus);
  });

  it('refuses a URL of something else', async () => {
    await expect(connectBus({ url: 'http://a', name: 'test' })).rejects.toThrow(NatsAddressError);
  });
});

function captured(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
