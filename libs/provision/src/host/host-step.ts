import { bytesOf, type BootstrapPlan, type HostCommand, type HostFile } from '../plan.ts';
import { shellQuote } from '../shell-quote.ts';

/** What a journal is for. A finished one is replaced only by one for another purpose. */
export type HostJobPurpose = 'bootstrap' | 'clean-up';

/** One step of a job, as people read it; holds no secret. */
export interface HostStep {
  /** From 1. */
  readonly number: number;
  readonly kind: 'file' | 'command' | 'check';
  /** `write /etc/k0s.yaml`, `command 2 of 5 (curl)`. */
  readonly name: string;
}

/** A file that proves success, such as `/run/cluster-api/bootstrap-success.complete`. */
export interface Sentinel {
  readonly path: string;
  /** Fails the job when the commands did not create it. */
  readonly required: boolean;
  /** Creates it as the last step. */
  readonly create?: boolean;
}

/** One step with what the host needs to do it. */
export interface StepSource extends Omit<HostStep, 'number'> {
  /** Shell assignments that the runner sources. */
  readonly settings: string;
  readonly data?: Buffer;
}

/** The steps of a plan in the order in which they are done. */
export function stepsOf(plan: BootstrapPlan, sentinel: Sentinel | undefined): StepSource[] {
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
