import { setTimeout as delay } from 'node:timers/promises';
import type { LabProcess } from '@k0smotron/lab';

/** When a life ends with regard to its last effect: see `count-effects.ts`. */
export type Moment = 'sent' | 'answered';

/** How often a service is killed. */
export interface Mortality {
  /** Effects of the first life; 0 for one that does not end. */
  readonly first: number;
  /** How the first life ends, `sent` unless told; the later ones in turn. */
  readonly firstEnd?: Moment;
  /**
   * Effects of the lives after it, again and again. One of them must be long enough for what each life does anew (telling
   * facts, say), or the service never gets to an end.
   */
  readonly later: readonly number[];
}

/** A service that is killed again and again, and started again at once, as a kubelet would. */
export interface Mortal {
  readonly deaths: number;
  /** Ends the present life too. Fails when a life ended by something else than its harness. */
  end(): Promise<void>;
}

/** What starts one life. */
export type StartLife = (env: Readonly<Record<string, string>>) => Promise<LabProcess>;

/** Where the preload is, for `NODE_OPTIONS`. */
const preload = new URL('./count-effects.ts', import.meta.url).href;

/** Nobody is ever killed: the lives only count. */
export const immortal: Mortality = { first: 0, later: [0] };

/** Lives of a service until it is ended. `trace` gets a line for each effect and each death. */
export async function keepKilling(
  start: StartLife,
  { first, firstEnd = 'sent', later }: Mortality,
  trace: string,
): Promise<Mortal> {
  let moment: Moment = firstEnd === 'sent' ? 'answered' : 'sent';
  const begin = (killAfter: number): Promise<LabProcess> => {
    moment = moment === 'sent' ? 'answered' : 'sent';
    return start({
      NODE_OPTIONS: `--import=${preload} --disable-warning=ExperimentalWarning`,
      FAULTS_TRACE: trace,
      FAULTS_KILL_AFTER: String(killAfter),
      FAULTS_KILL_WHEN: moment,
    });
  };
  let deaths = 0;
  let ended = false;
  let present = await begin(first);
  const living = (async () => {
    for (;;) {
      const { code, signal } = await present.exited;
      if (ended) return;
      if (signal !== 'SIGKILL')
        throw new Error(`${present.name} ended by itself (exit ${code}, signal ${signal}): see ${present.logPath}`);
      deaths += 1;
      await present.stop(); // the lab keeps a list of what runs
      present = await begin(later[(deaths - 1) % later.length] ?? 0);
    }
  })();
  void living.catch(() => undefined); // told by end()
  return {
    get deaths() {
      return deaths;
    },
    async end() {
      ended = true;
      // A death at this very moment may just be followed by another life.
      do await present.stop('SIGKILL');
      while (await Promise.race([living.then(() => false), delay(100, true)]));
    },
  };
}
