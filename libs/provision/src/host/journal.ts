import { createHash } from 'node:crypto';
import type { BootstrapPlan } from '../plan.ts';
import { shellQuote } from '../shell-quote.ts';
import { driveCommand } from './drive-command.ts';
import { epochArguments, type HostEpoch } from './epoch.ts';
import { stepsOf, type HostJobPurpose, type HostStep, type Sentinel, type StepSource } from './host-step.ts';
import { payload } from './payload.ts';

/** How a plan becomes a journal. */
export interface JournalOptions {
  /** Names the journal on the host: `/var/lib/k0smotron/<machineUid>`. */
  readonly machineUid: string;
  readonly epoch: HostEpoch;
  /** `bootstrap` unless told. */
  readonly purpose?: HostJobPurpose;
  /** Parent of the state folder; `/var/lib/k0smotron` unless told. */
  readonly stateRoot?: string;
  readonly sentinel?: Sentinel;
}

/** Everything that drives one plan on one host, as command lines for root. */
export interface HostJob {
  readonly stateDir: string;
  /** Of the plan alone, so a new version of this program does not change it. */
  readonly planHash: string;
  readonly purpose: HostJobPurpose;
  readonly steps: readonly HostStep[];
  /**
   * Brings the job to its end in one exec: looks at the journal, uploads the payload (secrets included, through stdin), takes
   * lock and epoch, starts or resumes the work detached from the session, and follows it. On a host without `setsid` it ends
   * with the start.
   */
  readonly drive: { readonly command: string; readonly stdin: Buffer };
  /** Takes the epoch over, streams progress and ends with the result. */
  readonly follow: string;
  /** Reads only; asks for no epoch. */
  readonly status: string;
  /** Stops the work, waits for its end, deletes the payload. */
  readonly cancel: string;
  /** Deletes the journal, epoch included: the very last thing on a host. */
  readonly forget: string;
}

/** Renders a plan as a journal for one host. Pure: the same plan gives the same hash. */
export function renderJournal(plan: BootstrapPlan, options: JournalOptions): HostJob {
  const { machineUid, purpose = 'bootstrap', stateRoot = '/var/lib/k0smotron' } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(machineUid)) throw new Error(`'${machineUid}' cannot name a folder`);
  const stateDir = `${stateRoot}/${machineUid}`;
  const sources = stepsOf(plan, options.sentinel);
  const planHash = hashOf(sources, purpose);
  const stdin = payload(sources, planHash, purpose);
  const epoch = epochArguments(options.epoch);
  const dir = shellQuote(stateDir);
  const call = (verb: string): string =>
    `if [ -f ${dir}/runner.sh ]; then exec sh ${dir}/runner.sh ${verb}; else echo k0sm1 state absent; fi`;
  const follow = call(`follow ${dir} ${epoch}`);

  return {
    stateDir,
    planHash,
    purpose,
    steps: sources.map(({ kind, name }, at) => ({ number: at + 1, kind, name })),
    drive: { command: driveCommand({ dir, planHash, purpose, epoch, digest: sha256(stdin), follow }), stdin },
    follow,
    status: call(`status ${dir}`),
    cancel: call(`cancel ${dir} ${epoch}`),
    forget: call(`forget ${dir} ${epoch}`),
  };
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

function hashOf(steps: readonly StepSource[], purpose: HostJobPurpose): string {
  const hash = createHash('sha256').update(`k0smotron journal 1 ${purpose}\n`);
  for (const { settings, data } of steps) {
    hash.update(`${settings}\n${data?.length ?? -1}\n`);
    if (data) hash.update(data);
  }
  return hash.digest('hex');
}
