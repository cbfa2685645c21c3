import { renderJoined, renderWord, splitWords, valueOf, type ShellWord } from './shell.ts';

/** What decides the arguments of `k0s install`. */
export interface MergeArgsOptions {
  /** The user's `spec.args`, in order. */
  readonly args: readonly string[];
  /** Name of the Machine (the config's owner), for the node's label and host name. */
  readonly machineName: string;
  /** True for workers and for controllers that also run a kubelet. */
  readonly runsKubelet: boolean;
  /** Keep the host's own name instead of the Machine's. */
  readonly useSystemHostname: boolean;
}

/** The label by which a Node is found that is not named like its Machine. */
const machineNameLabel = 'k0smotron.io/machine-name';

/**
 * The arguments of `k0s install`, ready for a shell. The Machine's label comes first and is merged with the user's labels
 * into one flag, all `--kubelet-extra-args` are merged into one flag at the end; the rest keeps its order.
 *
 * @throws TerminalError `InvalidArgument` when an argument's quotes do not close.
 */
export function mergeArgs({ args, machineName, runsKubelet, useSystemHostname }: MergeArgsOptions): string[] {
  const words = args.flatMap((line) => splitWords(line));
  const labels = takeFlag(words, '--labels');
  const kubelet = takeFlag(labels.rest, '--kubelet-extra-args');
  const allLabels = [...(runsKubelet ? [literal(`${machineNameLabel}=${machineName}`)] : []), ...labels.values];
  const allKubelet = [
    ...(runsKubelet && !useSystemHostname ? [literal(`--hostname-override=${machineName}`)] : []),
    ...kubelet.values,
  ].filter(({ text }) => text !== '');
  return [
    ...flag('--labels', allLabels, ','),
    ...kubelet.rest.map(renderWord),
    ...flag('--kubelet-extra-args', allKubelet, ' '),
  ];
}

/** True when a controller with these arguments also runs a kubelet (`--enable-worker`, `--single`). */
export const runsWorker = (args: readonly string[]): boolean =>
  isSet(args, '--enable-worker') || isSet(args, '--single');

/** True when the controller is the only one for ever (`--single`). */
export const isSingle = (args: readonly string[]): boolean => isSet(args, '--single');

/** The value of a flag in either form (`--flag=value`, `--flag value`), the last one winning. */
export const flagValue = (args: readonly string[], name: string): string | undefined =>
  takeFlag(
    args.flatMap((line) => splitWords(line)),
    name,
  ).values.at(-1)?.text;

function isSet(args: readonly string[], name: string): boolean {
  const words = args.flatMap((line) => splitWords(line)).map(({ text }) => text);
  const last = words.filter((word) => word === name || word.startsWith(`${name}=`)).at(-1);
  return (
    last === name || (last !== undefined && ['1', 't', 'true'].includes(last.slice(name.length + 1).toLowerCase()))
  );
}

function takeFlag(words: readonly ShellWord[], name: string): { values: ShellWord[]; rest: ShellWord[] } {
  const [values, rest]: [ShellWord[], ShellWord[]] = [[], []];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    const next = words[at + 1];
    if (word?.text.startsWith(`${name}=`)) {
      values.push(valueOf(word, name));
    } else if (word?.text === name && next) {
      values.push(next);
      at += 1;
    } else if (word) {
      rest.push(word);
    }
  }
  return { values, rest };
}

const flag = (name: string, values: readonly ShellWord[], separator: string): string[] =>
  values.length === 0 ? [] : [renderJoined(`${name}=`, values, separator)];

const literal = (text: string): ShellWord => ({ text, mode: 'literal' });
