import { setTimeout as delay } from 'node:timers/promises';
import type { LabProcess } from '@k0smotron/lab';
import type { Moment } from './aim.ts';
import { readTrace } from './trace.ts';

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
  /** A life also ends at the first effect of each kind, once `sent` and once `answered`, however rare it is. */
  readonly aims?: boolean;
}

/** A service that is killed again and again, and started again at once, as a kubelet would. */
export interface Mortal {
  readonly deaths: number;
  /** Forgets what was aimed at: from the next life on each kind of effect is an end again. */
  aimAnew(): void;
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
  { first, firstEnd = 'sent', later, aims = false }: Mortality,
  trace: string,
): Promise<Mortal> {
  let moment: Moment = firstEnd === 'sent' ? 'answered' : 'sent';
  let aimedSince = 0;
  const begin = (killAfter: number): Promise<LabProcess> => {
    moment = moment === 'sent' ? 'answered' : 'sent';
    return start({
      NODE_OPTIONS: `--import=${preload} --disable-warning=ExperimentalWarning`,
      FAULTS_TRACE: trace,
      FAULTS_KILL_AFTER: String(killAfter),
      FAULTS_KILL_WHEN: moment,
      ...(aims && { FAULTS_AIM: readTrace(trace).ends.slice(aimedSince).join('\n') }),
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
    aimAnew: () => void (aimedSince = readTrace(trace).ends.length),
    async end() {
      ended = true;
      // A death at this very moment may just be followed by another life.
      do await present.stop('SIGKILL');
      while (await Promise.race([living.then(() => false), delay(100, true)]));
    },
  };
}
