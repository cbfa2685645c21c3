import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { callJournal, HostSilentError, type CommandRunner } from './journal-caller.ts';

/** A host that has taken the command and says only what the test lets it say. */
function silentHost() {
  let tell = (_line: string): void => undefined;
  const session: CommandRunner = {
    run: (_command, options, signal) =>
      new Promise((_resolve, reject) => {
        tell = options?.onLine ?? tell;
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  return { session, say: (line: string) => tell(line) };
}

describe('callJournal', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('gives a host up that has said nothing for two minutes, however long it has been working', async () => {
    const { session, say } = silentHost();
    const ended = callJournal(session, { command: 'follow' }, { sudo: false }).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(119_000);
    say('k0sm1 alive');
    await jest.advanceTimersByTimeAsync(119_000);
    say('k0sm1 step 1 running');
    await jest.advanceTimersByTimeAsync(121_000);
    expect(await ended).toBeInstanceOf(HostSilentError);
  });

  it('stops at the signal of its caller', async () => {
    const { session } = silentHost();
    const stop = new AbortController();
    const ended = callJournal(session, { command: 'follow' }, { sudo: false }, stop.signal).catch(
      (error: unknown) => error,
    );
    stop.abort(new Error('stopping'));
    expect(await ended).toMatchObject({ message: 'stopping' });
    expect(jest.getTimerCount()).toBe(0);
  });
});
