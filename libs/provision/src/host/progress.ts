/** Where a journal on a host stands. `interrupted`: begun, not finished, and nobody works on it. */
export type HostJobState = 'absent' | 'running' | 'interrupted' | 'done' | 'failed' | 'cancelled';

/** One line that the host said. */
export type HostJobProgress =
  | { readonly kind: 'uploaded'; readonly planHash: string }
  | {
      readonly kind: 'state';
      readonly state: HostJobState;
      readonly planHash: string;
      readonly purpose: string;
      readonly doneSteps: number;
      readonly totalSteps: number;
    }
  /** `exitCode` with `failed` only. */
  | {
      readonly kind: 'step';
      readonly number: number;
      readonly state: 'running' | 'done' | 'failed';
      readonly exitCode?: number;
    }
  /** A line of the running step's output; not redacted, and skipped over when it comes too fast. */
  | { readonly kind: 'output'; readonly line: string }
  /** One of the last lines of the failed step. */
  | { readonly kind: 'last'; readonly line: string }
  /** `step` and `exitCode` with `failed` only. */
  | { readonly kind: 'end'; readonly state: HostJobState; readonly step?: number; readonly exitCode?: number }
  | { readonly kind: 'refused'; readonly because: 'epoch' | 'busy' | 'payload' | 'lock'; readonly detail: string };

const states: readonly string[] = [
  'absent',
  'running',
  'interrupted',
  'done',
  'failed',
  'cancelled',
] satisfies HostJobState[];
const refusals: readonly string[] = ['epoch', 'busy', 'payload', 'lock'];

/** Reads one line of the host's answer; `undefined` for anything that the runner did not say. */
export function parseProgress(line: string): HostJobProgress | undefined {
  const found = /^k0sm1 (\w+) ?([\s\S]*)$/.exec(line);
  if (!found) return undefined;
  const [, word = '', rest = ''] = found;
  const [first = '', second = '', third = '', fourth = '0', fifth = '0'] = rest.split(' ');
  switch (word) {
    case 'out':
      return { kind: 'output', line: rest };
    case 'last':
      return { kind: 'last', line: rest };
    case 'uploaded':
      return { kind: 'uploaded', planHash: first };
    case 'step': {
      const number = Number(first);
      if (second === 'failed') return { kind: 'step', number, state: 'failed', exitCode: Number(third) };
      return second === 'running' || second === 'done' ? { kind: 'step', number, state: second } : undefined;
    }
    case 'refused':
      return refusals.includes(first)
        ? { kind: 'refused', because: first as 'epoch', detail: rest.slice(first.length + 1) }
        : undefined;
    case 'state':
    case 'end': {
      if (!states.includes(first)) return undefined;
      const state = first as HostJobState;
      if (word === 'state') {
        return {
          kind: 'state',
          state,
          planHash: second,
          purpose: third,
          doneSteps: Number(fourth),
          totalSteps: Number(fifth),
        };
      }
      return state === 'failed'
        ? { kind: 'end', state, step: Number(second), exitCode: Number(third) }
        : { kind: 'end', state };
    }
    default:
      return undefined;
  }
}
