import { describe, expect, it } from '@jest/globals';
import { skewFindings, spellingFindings, versionFindings } from './versions.ts';

describe('a version', () => {
  it.each(['v1.34.4+k0s.0', 'v1.34.4-k0s.0', 'v1.34.4', '1.34.4', 'v1.35.0-rc.1+k0s.0', undefined])(
    'can be read: %s',
    (version) => expect(versionFindings(version, 'v')).toEqual([]),
  );

  it.each(['v1.34', '1.34.4+rke2', 'newest'])('cannot: %s', (version) => {
    expect(versionFindings(version, 'v')).toEqual([{ field: 'v', message: expect.stringContaining('v1.34.4+k0s.0') }]);
  });

  it.each([
    ['v1.34.4+k0s.0', []],
    ['1.34.4+k0s.1', []],
    ['v1.34.4', ['v1.34.4 means v1.34.4+k0s.0: write it out']],
    ['v1.34.4-k0s.1', ['v1.34.4-k0s.1 is the spelling of image tags: write v1.34.4+k0s.1']],
    ['newest', []],
  ])('is spelled %s', (version, messages) => {
    const found = spellingFindings(version, 'v');
    expect(found.map(({ message }) => message)).toEqual(messages);
    expect(found.every(({ warning }) => warning)).toBe(true);
  });
});

describe('a change of version', () => {
  const running = { version: 'v1.32.4+k0s.0', versions: [{ version: 'v1.32.4+k0s.0' }, { version: 'v1.33.1+k0s.0' }] };

  it.each([
    ['on the way', 'v1.33.1+k0s.0', running, []],
    [
      'two at once',
      'v1.34.4+k0s.0',
      running,
      ['v1.32.4+k0s.0 still runs: update to v1.33 and wait until all controllers have it'],
    ],
    [
      'back',
      '1.32.4',
      running,
      ['v1.33.1+k0s.0 runs already, and etcd cannot go back: write that version or a later one'],
    ],
    ['taken back before anything ran it', 'v1.32.5', { version: 'v1.32.4+k0s.0' }, []],
    ['before anything runs', 'v1.34.4', undefined, []],
    ['a patch down', 'v1.32.3', { version: 'v1.32.4+k0s.0' }, []],
    ['that cannot be read', 'newest', running, []],
  ])('%s', (_, wanted, status, messages) => {
    expect(skewFindings(wanted, status, 'v').map(({ message }) => message)).toEqual(messages);
  });
});
