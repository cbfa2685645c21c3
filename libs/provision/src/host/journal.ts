import { createHash } from 'node:crypto';
import { bytesOf, type BootstrapPlan, type HostCommand, type HostFile } from '../plan.ts';
import { shellQuote } from '../shell-quote.ts';
import { commandScript } from './command-script.ts';
import { epochArguments, type HostEpoch } from './epoch.ts';
import { runnerScript } from './runner-script.ts';

/** What a journal is for. A finished one is replaced only by one for another purpose. */
export type HostJobPurpose = 'bootstrap' | 'clean-up';

/** How a plan becomes a journal. */
export interface JournalOptions {
  /** Names the journal on the host: `/var/lib/k0smotron/<machineUid>`. */
  readonly machineUid: string;
  readonly epoch: HostEpoch;
  /** `bootstrap` unless told. */
  readonly purpose?: HostJobPurpose;
  /** Parent of the state folder; `/var/lib/k0smotron` unless told. */
  readonly stateRoot?: string;
  /** A file that proves success, such as `/run/cluster-api/bootstrap-success.complete`. */
  readonly sentinel?: {
    readonly path: string;
    /** Fails the job when the commands did not create it. */
    readonly required: boolean;
    /** Creates it as the last step. */
    readonly create?: boolean;
  };
}

/** One step of a job, as people read it; holds no secret. */
export interface HostStep {
  /** From 1. */
  readonly number: number;
  readonly kind: 'file' | 'command' | 'check';
  /** `write /etc/k0s.yaml`, `command 2 of 5 (curl)`. */
  readonly name: string;
}

/** Everything that drives one plan on one host, as command lines for root. */
export interface HostJob {
  readonly stateDir: string;
  /** Of the plan alone, so a new version of this program does not change it. */
  readonly planHash: string;
  readonly purpose: HostJobPurpose;
  readonly steps: readonly HostStep[];
  /** Puts the payload (secrets included, through stdin) beside the running journal; changes nothing else. */
  readonly upload: { readonly command: string; readonly stdin: Buffer };
  /** Takes lock and epoch, then starts or resumes the work detached from the session. */
  readonly start: string;
  /** Takes the epoch over, streams progress and ends with the result. */
  readonly follow: string;
  /** Reads only; asks for no epoch. */
  readonly status: string;
  /** Stops the work, waits for its end, deletes the payload. */
  readonly cancel: string;
  /** Deletes the journal, epoch included: the very last thing on a host. */
  readonly forget: string;
}

interface StepSource extends Omit<HostStep, 'number'> {
  /** Shell assignments that the runner sources. */
  readonly settings: string;
  readonly data?: Buffer;
}

/** Renders a plan as a journal for one host. Pure: the same plan gives the same hash. */
export function renderJournal(plan: BootstrapPlan, options: JournalOptions): HostJob {
  const { machineUid, purpose = 'bootstrap', stateRoot = '/var/lib/k0smotron' } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(machineUid)) throw new Error(`'${machineUid}' cannot name a folder`);
  const stateDir = `${stateRoot}/${machineUid}`;
  const sources = stepsOf(plan, options.sentinel);
  const planHash = hashOf(sources, purpose);
  const stdin = payload(sources, `${planHash} ${sources.length} ${purpose}`, planHash);
  const epoch = epochArguments(options.epoch);
  const dir = shellQuote(stateDir);
  const call = (verb: string): string =>
    `if [ -f ${dir}/runner.sh ]; then exec sh ${dir}/runner.sh ${verb}; else echo k0sm1 state absent; fi`;

  return {
    stateDir,
    planHash,
    purpose,
    steps: sources.map(({ kind, name }, at) => ({ number: at + 1, kind, name })),
    upload: { command: uploadCommand(dir, sha256(stdin)), stdin },
    start:
      `r=${dir}/incoming-${planHash}/runner.sh; [ -f "$r" ] || r=${dir}/runner.sh; ` +
      `if [ -f "$r" ]; then exec sh "$r" start ${dir} ${planHash} ${epoch}; else echo k0sm1 refused payload; exit 75; fi`,
    follow: call(`follow ${dir} ${epoch}`),
    status: call(`status ${dir}`),
    cancel: call(`cancel ${dir} ${epoch}`),
    forget: call(`forget ${dir} ${epoch}`),
  };
}

function stepsOf(plan: BootstrapPlan, sentinel: JournalOptions['sentinel']): StepSource[] {
  const commands = [...(plan.earlyCommands ?? []), ...plan.commands];
  const early = plan.earlyCommands?.length ?? 0;
  const run = commands.map((command, at) => commandStep(command, `command ${at + 1} of ${commands.length}`));
  return [
    ...run.slice(0, early),
    ...plan.files.map((file) => fileStep(file)),
    ...run.slice(early),
    ...(sentinel?.create ? [fileStep({ path: sentinel.path, content: '' })] : []),
    ...(sentinel?.required
      ? [
          {
            kind: 'check' as const,
            name: `check ${sentinel.path}`,
            settings: `kind=check path=${shellQuote(sentinel.path)}`,
          },
        ]
      : []),
  ];
}

function fileStep(file: HostFile): StepSource {
  if (!file.path.startsWith('/')) throw new Error(`${file.path} is not an absolute path`);
  const data = bytesOf(file);
  const settings = [
    'kind=file',
    `path=${shellQuote(file.path)}`,
    `mode=${shellQuote(file.permissions ?? '')}`,
    `owner=${shellQuote(file.owner ?? '')}`,
    `append=${file.append ? 1 : 0}`,
    `bytes=${data.length}`,
  ].join(' ');
  return { kind: 'file', name: `write ${file.path}`, settings, data };
}

function commandStep(command: HostCommand, name: string): StepSource {
  const line = typeof command === 'string' ? command : command.map((word) => shellQuote(word)).join(' ');
  const program = programOf(command);
  return {
    kind: 'command',
    name: program ? `${name} (${program})` : name,
    settings: 'kind=command',
    data: Buffer.from(`${line}\n`, 'utf8'),
  };
}

/** The program's name only: arguments and assignments may be secrets. */
function programOf(command: HostCommand): string | undefined {
  const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
  const word = words.find((it) => !/^\w+=/.test(it)) ?? '';
  return /^[\w./-]{1,60}$/.exec(word.replace(/^[({]+/, ''))?.[0];
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

/** A script that unpacks itself: base64 in here-documents, so that it needs neither tar nor an archive format. */
function payload(steps: readonly StepSource[], plan: string, planHash: string): Buffer {
  const mark = 'K0SMOTRON_END';
  const here = (target: string, lines: string): string => `cat >"$n/${target}" <<'${mark}'\n${lines}\n${mark}\n`;
  const base64 = (data: Buffer): string => data.toString('base64').replaceAll(/.{76}(?=.)/g, '$&\n');
  const parts = steps.flatMap(({ settings, data }, at) => {
    const id = String(at + 1).padStart(4, '0');
    const unpacked = data ? `base64 -d >"$n/steps/${id}.data" <<'${mark}' || exit 1\n${base64(data)}\n${mark}\n` : '';
    return [here(`steps/${id}.step`, settings), unpacked];
  });
  const script = [
    `umask 077\nn=$1/incoming-${planHash}\nrm -rf "$n"\nmkdir -p "$n/steps" || exit 1\n`,
    here('runner.sh', runnerScript),
    here('command.sh', commandScript),
    here('plan', plan),
    ...parts,
    `: >"$n/complete" && echo "k0sm1 uploaded ${planHash}"\n`,
  ];
  return Buffer.from(script.join(''), 'utf8');
}

/** Nothing is unpacked before the digest is right, so a cut upload leaves only a file that the next one sweeps. */
const uploadCommand = (dir: string, digest: string): string =>
  [
    `umask 077; mkdir -p ${dir} && chmod 700 ${dir} || exit 1`,
    `u=${dir}/upload.$$; rm -f ${dir}/upload.*`,
    `if cat >"$u" && [ "$(sha256sum <"$u" | cut -d ' ' -f 1)" = ${digest} ]; then sh "$u" ${dir}; c=$?`,
    `else echo 'the upload arrived damaged' >&2; c=74; fi; rm -f "$u"; exit "$c"`,
  ].join('\n');
