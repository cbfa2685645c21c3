import type { Flag, Flags } from './flag.ts';
import { envNameOf } from './parse-flags.ts';

/** What `--help` prints: each flag with its kind, default, purpose and variable. */
export function helpText(service: string, flags: Flags): string {
  const lines = Object.values(flags)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => `  ${usage(flag)}\n        ${flag.help} ${defaultOf(flag)}[${envNameOf(flag.name)}]`);
  return [
    `k0smotron-${service}: the ${service} service of k0smotron.`,
    '',
    'Flags (each may be given as the environment variable in brackets instead):',
    ...lines,
    '  --help\n        Print this text.',
    '  --version\n        Print the version.',
    '',
  ].join('\n');
}

const usage = ({ name, value, boolean }: Flag<unknown>): string =>
  `${name.length === 1 ? '-' : '--'}${name}${boolean ? '' : ` ${value}`}`;

function defaultOf({ fallback, value }: Flag<unknown>): string {
  if (fallback === '') return '';
  if (value === 'duration') return `(default ${Number(fallback) / 1000}s) `;
  if (typeof fallback === 'object' && fallback !== null && 'port' in fallback) {
    const { host = '', port } = fallback as { readonly host?: string; readonly port: number };
    return `(default ${host}:${port}) `;
  }
  return `(default ${String(fallback)}) `;
}
